"""A private PostgreSQL and a private Redis on free ports, ended with the process that asked for them.

Nothing here counts on 5432 or 6379 being free or taken, and nothing outlives its starter: the kernel ends the children
of a process that was killed.
"""

import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up).
PORTS = range(20_000, 32_000)
# Debian packages of which only the programs are wanted.
UNPACKED = Path(sys.prefix) / "debian/usr/bin"
# A port is ours from the choice until this process ends, also while its server has not bound it yet: whoever asks
# here, in whatever process, holds the UDP port of the same number, which no server wants.
_leases: list[socket.socket] = []


class Missing(RuntimeError):
    """A program that the machine lacks; the message says how to get it."""


def free_port() -> int:
    """A TCP port on which nothing listens, and that nobody else is given while this process lives."""
    for port in random.sample(PORTS, min(200, len(PORTS))):
        lease = socket.socket(type=socket.SOCK_DGRAM)
        try:
            lease.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lease.close()
            continue
        _leases.append(lease)
        return port
    raise RuntimeError("no free port found")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def dies_with_starter(command: list[str], stop_signal: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command, such that the kernel sends it the signal when its starter is gone, however it went."""
    return ["setpriv", "--pdeathsig", stop_signal.name.removeprefix("SIG"), *command]


def program(name: str, *, package: str) -> str:
    """The path of a server program; Debian keeps PostgreSQL's outside PATH, and `deploy/ci/deps` Prometheus'."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or shutil.which(name, path=UNPACKED) or (str(versions[-1]) if versions else None)
    if found is None:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return found


class Server:
    """One child process that listens on one port and keeps its files in a folder of its own."""

    name = "server"
    stop_signal = signal.SIGTERM
    poll_s = 0.02
    starts_within_s = 60.0
    stops_within_s = 10.0

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"abdre-{self.name}-"))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        raise NotImplementedError

    def launch(self, command: list[str], **options: Any) -> None:
        self.spawn(command, **options)
        self.wait_until_ready()

    def spawn(self, command: list[str], **options: Any) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                dies_with_starter(command, self.stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the one who started us; we end our servers in order afterwards.
                process_group=0,
                **options,
            )

    def wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + self.starts_within_s
        while True:
            ready = self.is_ready()
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            if ready:
                return
            time.sleep(self.poll_s)

    def is_ready(self) -> bool:
        return listens(self.port)

    def halt(self, with_signal: signal.Signals | None = None) -> None:
        """End the process and keep its files; `start_again` continues on them."""
        if self.process is None:
            return
        self.process.send_signal(with_signal or self.stop_signal)
        try:
            self.process.wait(self.stops_within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """PostgreSQL for one run. `durable=False` trades what a power cut would lose for speed."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": does not wait for clients

    def __init__(self, *, durable: bool = False, max_connections: int = 200) -> None:
        super().__init__()
        self.password = secrets.token_urlsafe(24)
        self.durable = durable
        self.max_connections = max_connections

    def url(self, database: str = "postgres", *, role: str = "abdre") -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.make_cluster()
        self.start_again()

    def start_again(self) -> None:
        speed = [] if self.durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            f"max_connections={self.max_connections}",
            "shared_buffers=128MB",
            *speed,
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        self.launch([program("postgres", package="postgresql"), "-D", str(self.cluster), *options], **self.identity())

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def make_cluster(self) -> None:
        identity = self.identity()
        if identity:
            os.chown(self.folder, identity["user"], identity["group"])
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o644 if identity else 0o600)  # the folder itself is closed to others
        made = subprocess.run(
            [
                program("initdb", package="postgresql"),
                f"--pgdata={self.cluster}",
                "--username=abdre",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ],
            capture_output=True,
            check=False,
            **identity,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stderr.decode()[-2000:]}")

    @staticmethod
    def identity() -> dict[str, Any]:
        """Who runs it: PostgreSQL refuses to be root."""
        if os.geteuid() != 0:
            return {}
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}

    def is_ready(self) -> bool:
        return listens(self.port) and self.answers()

    def answers(self) -> bool:
        """It listens before it has finished its recovery, and then says "the database system is starting up"."""
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> str:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)


class Redis(Server):
    """Redis for one run: in memory only."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        where = ["--bind", "127.0.0.1", "--port", str(self.port)]
        self.launch([program("redis-server", package="redis-server"), *where, *keeps_nothing])


def make_keys(folder: Path) -> dict[str, str]:
    """Fresh keys: those that sign and verify tokens, and that of push messages, as the environment names them."""
    for module in ("abdre.keys", "abdre.push_key"):
        subprocess.run([sys.executable, "-m", module, str(folder)], check=True)
    return {
        "ABDRE_SIGNING_KEYS_FILE": str(folder / "signing.pem"),
        "ABDRE_VERIFYING_KEYS_FILE": str(folder / "verifying.json"),
        "ABDRE_PUSH_KEY_FILE": str(folder / "push.pem"),
    }
