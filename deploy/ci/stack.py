"""The six roles and a worker as processes of this machine, behind the gateway: `python -m deploy.ci.stack --port 8000`.

Uses DATABASE_URL and REDIS_URL where they are set, else a private PostgreSQL and Redis that live as long as the stack.
Restarts nothing: when one process ends, all end, and its last words are shown.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from abdre.announcement import announcement
from deploy.ci.jobs import ROOT
from deploy.ci.servers import Postgres, Redis, Server, free_port, make_keys

OWN_SERVERS = ["gateway", "realtime"]
INNER_ROLES = ["auth", "user", "oauth", "chat", "realtime"]
# Beside the six, and asked by nobody.
WORKER = "worker"
# A tree, and the Python that runs it; a drill may run those of another release.
OURS = (ROOT, sys.executable)


def plain_environment() -> dict[str, str]:
    """What a process needs of its surroundings, without the settings of whoever starts it."""
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}


def answers(url: str) -> bool:
    """Does `url` answer with 200?"""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


class Process(Server):
    """A server of ours: ready when `/readyz` says so."""

    poll_s = 0.1  # each look costs the starting process some of its time
    starts_within_s = 180.0  # beside many others on a busy machine
    stops_within_s = 60.0  # it lets everybody go in their own time

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def settings_of(role: str) -> str:
    return "abdre.settings.worker" if role == WORKER else f"{role}_svc.settings"


class Role(Process):
    """One role under uvicorn, under daphne, or under gunicorn, as in a container."""

    def __init__(self, role: str, environment: Mapping[str, str], *, port: int = 0, host: str = "127.0.0.1") -> None:
        self.name = role
        super().__init__(port)
        self.host = host
        self.wrapper: list[str] = []  # a module that is given the role's own to run, and its arguments
        self.code = OURS
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": settings_of(role),
            "HOST": host,
            "PORT": str(self.port),
            "ABDRE_METRICS_PORT": "0",  # not the one of whoever's environment was copied
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def metrics_port(self) -> int:
        """0: it counts nothing."""
        return int(self.environment["ABDRE_METRICS_PORT"])

    def start(self) -> None:
        self.begin()
        self.wait_until_ready()

    def begin(self, under: str = "uvicorn") -> None:
        tree, _ = self.code
        self.spawn(self.command(under), env=self.environment, cwd=tree)

    def command(self, under: str) -> list[str]:
        _, python = self.code
        return [python, "-m", *self.wrapper, *self.module(under)]

    def module(self, under: str) -> list[str]:
        if under == "daphne":
            return ["daphne", "-b", self.host, "-p", str(self.port), "abdre.asgi:application"]
        if under == "gunicorn":
            return ["gunicorn", "--config", "deploy/docker/gunicorn.conf.py", "abdre.asgi:application"]
        if self.name in OWN_SERVERS:
            return [f"{self.name}_svc.server"]
        return ["abdre.server"]


def manage(*arguments: str, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


class AllInOne(Process):
    """The all-in-one process, started as `make run` starts it."""

    name = "all-in-one"

    def __init__(self, environment: Mapping[str, str], *, port: int = 0) -> None:
        super().__init__(port)
        self.environment = {"ABDRE_DATA_DIR": str(self.folder / "data"), **environment, "PYTHONUNBUFFERED": "1"}

    def start(self) -> None:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        self.launch(command, env=self.environment, cwd=ROOT)

    def manage(self, *arguments: str, **environment: str) -> None:
        manage(*arguments, environment={**self.environment, **environment})


class Stack:
    """The split: six processes and a worker, or more where `realtime` asks for several of that role."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        realtime: int = 1,
        realtime_under: str = "uvicorn",
        code: tuple[Path, str] = OURS,
        measured: bool = False,
    ) -> None:
        self.measured = measured
        self.environment = {"ABDRE_ALLOWED_HOSTS": "*", **environment}
        self.port = port or free_port()
        self.host = host
        self.realtime_count = realtime
        self.realtime_under = realtime_under
        self.code = code
        self.belongings = ExitStack()
        self.roles: list[Role] = []
        self.owner: dict[str, str] = {}
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def all_of(self, name: str) -> list[Role]:
        return [role for role in self.roles if role.name == name]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.belongings.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.belongings.close()

    def start(self) -> None:
        self.add_stores()
        self.add_secrets()
        self.migrate()
        self.start_roles()

    def add_stores(self) -> None:
        if "DATABASE_URL" not in self.environment:
            self.postgres = self.belongings.enter_context(Postgres())
            self.owner["ABDRE_MIGRATION_DATABASE_URL"] = self.postgres.create_database("abdre")
            self.environment["DATABASE_URL"] = self.postgres.url("abdre", role="services")
        if "REDIS_URL" not in self.environment:
            self.redis = self.belongings.enter_context(Redis())
            self.environment["REDIS_URL"] = self.redis.url

    def add_secrets(self) -> None:
        """Fresh ones for each run, unless given: who uses a lasting database wants lasting secrets and files too."""
        folder = Path(self.belongings.enter_context(tempfile.TemporaryDirectory(prefix="abdre-keys-")))
        self.environment.setdefault("ABDRE_FILES_DIR", str(folder / "files"))
        if "SECRET_KEY" not in self.environment:
            self.environment["SECRET_KEY"] = secrets.token_urlsafe(48)
        if "ABDRE_SIGNING_KEYS" not in self.environment and "ABDRE_SIGNING_KEYS_FILE" not in self.environment:
            self.environment |= make_keys(folder)

    def migrate(self) -> None:
        """As whoever owns the tables, which the roles do not."""
        self.manage("migrate", **self.owner)
        self.manage("grant_app_role", **self.owner)

    def manage(self, *arguments: str, **environment: str) -> None:
        """A management command in the surroundings of auth_svc."""
        manage(*arguments, "--settings", "auth_svc.settings", environment={**self.environment, **environment})

    def start_roles(self) -> None:
        ports = {name: free_port() for name in INNER_ROLES}
        upstreams = {f"ABDRE_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
        proxies_before_the_gateway = self.environment.get("ABDRE_TRUSTED_PROXIES", "0")
        environment = {
            "ABDRE_OFFER_LAN_ADDRESS": "true",
            **self.environment,
            **upstreams,
            "ABDRE_TRUSTED_PROXIES": "1",  # the gateway, which says who the client is
        }
        inner = [Role(name, environment, port=port) for name, port in ports.items()]
        inner += [Role("realtime", environment) for _ in range(self.realtime_count - 1)]
        # The gateway faces the outside: what it does not hold cannot be taken from it.
        bare = {name: value for name, value in environment.items() if name not in NOT_FOR_THE_GATEWAY}
        bare |= {"SECRET_KEY": secrets.token_urlsafe(48), "ABDRE_TRUSTED_PROXIES": proxies_before_the_gateway}
        gateway = Role("gateway", bare, port=self.port, host=self.host)
        self.roles = [*inner, Role(WORKER, environment), gateway]
        for role in self.roles:
            if self.measured:
                role.environment["ABDRE_METRICS_PORT"] = str(free_port())
            self.belongings.callback(role.stop)
            role.code = self.code
            role.begin(self.realtime_under if role.name == "realtime" else "uvicorn")
        for role in self.roles:
            role.wait_until_ready()


NOT_FOR_THE_GATEWAY = {
    "DATABASE_URL",
    "ABDRE_SIGNING_KEYS",
    "ABDRE_SIGNING_KEYS_FILE",
    "ABDRE_PUSH_KEY",
    "ABDRE_PUSH_KEY_FILE",
}


def follow(roles: list[Role]) -> Iterator[str]:
    """New lines of all logs, each with its role's name before it, until a process ends."""
    files = [(role, role.log.open(errors="replace")) for role in roles]
    while True:
        ended = [role for role in roles if role.has_ended()]
        for role, file in files:
            yield from (f"{role.name:>8} │ {line.rstrip()}" for line in file)
        if ended:
            yield f"{ended[0].name} has ended; so does the stack"
            return
        time.sleep(0.2)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C does, so that every child is ended in order."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    except KeyboardInterrupt:
        print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--realtime", type=int, default=1, help="how many realtime processes")
    parser.add_argument("--realtime-under", choices=["uvicorn", "daphne"], default="uvicorn")
    options = parser.parse_args()
    stack = Stack(
        os.environ, port=options.port, host="0.0.0.0", realtime=options.realtime, realtime_under=options.realtime_under
    )
    ended_by_itself = False
    with ended_by_sigterm(), stack:
        announce(stack)
        for line in follow(stack.roles):
            print(line, flush=True)
        ended_by_itself = True
    return 1 if ended_by_itself else 0


def announce(stack: Stack) -> None:
    names = ", ".join(f"{role.name} {role.port}" for role in stack.roles if role.name != WORKER)
    origin = stack.environment.get("ABDRE_PUBLIC_ORIGIN", "")
    print(f"six roles: {names}")
    print(announcement(port=stack.port, public_origin=origin, drawn=sys.stdout.isatty()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
