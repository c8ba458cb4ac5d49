"""A Docker engine of its own, out of Debian's packages, that leaves the machine as it found it.

Nothing is installed: the packages are kept in .venv and unpacked into a folder. The engine lives in namespaces of its
own (network, mounts, processes), so it sees none of this machine's interfaces and firewall rules, and all that it
starts ends with it, however that came. Its way out is slirp4netns, a program's own sockets; whoever wants to reach a
container enters its network.
"""

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from deploy.ci.servers import dies_with_starter

PACKAGES = ["docker.io", "iptables", "mmdebstrap", "slirp4netns"]
# Debian 12 has neither; those of the next release run here.
PLUGINS = ["docker-compose", "docker-buildx"]
PLUGINS_FROM = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Where packages are kept, and what says which ones the machine has itself, so that they need not be fetched.
KEPT = Path(sys.prefix) / "debian/archives"
INSTALLED = Path("/var/lib/dpkg/status")
NEEDS_BYTES = 6 * 1024**3
STARTS_WITHIN_S = ENDS_WITHIN_S = 60.0
# Far longer than any step takes: a mirror that takes the connection and says nothing is away.
ANSWERS_WITHIN_S = 600.0
# What the namespaces' first process does: its own /proc and /run, the way to names, then the engine.
INSIDE = """
set -e
mount -t proc proc /proc
ip link set lo up
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount -t tmpfs run /run
until ip link show tap0 >/dev/null 2>&1; do sleep 0.05; done
exec dockerd --data-root "$1/data" --exec-root /run/docker --pidfile /run/docker.pid --host "unix://$1/docker.sock" \
    --cgroup-parent "$2"
"""
# A package of ours that is quickly fetched.
SMALL = "aiohappyeyeballs"
# Of slirp4netns, for those inside.
NAMES = "nameserver 10.0.2.3\n"
# As the first process inside sees whether it may do what the engine has to.
PROBE = "mount -t tmpfs none /mnt && ip link add probe type bridge && iptables --table nat --list-rules"


class CannotRun(RuntimeError):
    """This machine cannot carry an engine; the message says what it lacks."""


def attempt(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    """How it ended and what it said. One that does not end has failed."""
    within_s = ANSWERS_WITHIN_S
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=within_s, **options)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"{command[0]} did not end within {within_s} s")


class Engine:
    """`engine.environment` is for the client, `engine.within(command)` for who talks to containers."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="abdre-engine-"))
        self.packages = self.folder / "packages"
        self.group = f"/{self.folder.name}"
        self.belongings = ExitStack()
        self.belongings.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.first_pid = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.belongings.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.belongings.close()

    @property
    def environment(self) -> dict[str, str]:
        programs = [
            self.packages / "usr/bin",
            self.packages / "usr/sbin",
            self.packages / "bin",
            self.packages / "sbin",
        ]
        machine = f"{platform.machine()}-linux-gnu"
        libraries = self.packages / "usr/lib" / machine
        return {
            "HOME": str(self.folder),
            "PATH": ":".join([*map(str, programs), os.environ["PATH"], "/usr/sbin", "/sbin"]),
            "LD_LIBRARY_PATH": f"{libraries}:{self.packages}/lib/{machine}",
            "XTABLES_LIBDIR": f"{libraries}/xtables:/usr/lib/{machine}/xtables",
            "PERL5LIB": f"{self.packages}/usr/share/perl5",
            "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
            "DOCKER_CONFIG": str(self.folder / "docker"),
            "DOCKER_BUILDKIT": "1",
            "COMPOSE_ENV_FILES": os.devnull,  # what an operator chose in this checkout is not what is tried
        }

    def within(self, command: list[str]) -> list[str]:
        """The command in the engine's network, where the containers' ports are."""
        return ["nsenter", f"--net=/proc/{self.first_pid}/ns/net", "--", *command]

    def start(self) -> None:
        self.check_machine()
        self.unpack_packages()
        self.check_namespaces()
        self.start_engine()
        self.check_way_out()

    def check_machine(self) -> None:
        if os.geteuid() != 0:
            raise CannotRun("who runs this is not root")
        if not shutil.which("apt-get") or not shutil.which("unshare"):
            raise CannotRun("it is not Debian")
        if not Path("/dev/net/tun").exists():
            raise CannotRun("there is no /dev/net/tun")
        if shutil.disk_usage(self.folder).free < NEEDS_BYTES:
            raise CannotRun(f"{self.folder.parent} has less than 6 GB free")

    def unpack_packages(self) -> None:
        own, others = Archive(KEPT / "own"), Archive(KEPT / "next", PLUGINS_FROM)
        own.fetch(["--download-only", "install", *PACKAGES])
        others.fetch(["download", *PLUGINS])
        for package in [*own.packages(), *others.packages()]:
            _must(["dpkg", "-x", str(package), str(self.packages)])
        self._link_what_installing_would()

    def _link_what_installing_would(self) -> None:
        programs = self.packages / "usr/sbin"
        if (programs / "xtables-nft-multi").exists():
            for name in ("iptables", "ip6tables", "iptables-save", "iptables-restore"):
                (programs / name).unlink(missing_ok=True)
                (programs / name).symlink_to("xtables-nft-multi")
        plugins = self.folder / "docker/cli-plugins"
        plugins.mkdir(parents=True)
        for found in self.packages.glob("usr/lib*/docker/cli-plugins/*"):
            (plugins / found.name).symlink_to(found)

    def check_namespaces(self) -> None:
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "sh", "-c", PROBE]
        probed = attempt(command, env=self.environment)
        if probed.returncode:
            raise CannotRun(
                f"it lets nobody make namespaces, mounts and firewall rules: {probed.stderr.strip()[-300:]}"
            )

    def start_engine(self) -> None:
        (self.folder / "resolv.conf").write_text(NAMES)
        namespaces = ["--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
        command = ["unshare", *namespaces, "sh", "-c", INSIDE, "sh", str(self.folder), self.group]
        self.belongings.callback(self.remove_groups)
        outer = self._begin(command)
        self.first_pid = _first_child(outer)
        self._begin(
            ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback", str(self.first_pid), "tap0"]
        )
        self._wait(outer)

    def _begin(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                dies_with_starter(command, signal.SIGKILL),  # unshare lets no other through
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.belongings.callback(process.wait)
        self.belongings.callback(process.kill)
        return process

    def _wait(self, outer: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while attempt(["docker", "version"], env=self.environment).returncode:
            if outer.poll() is not None or time.monotonic() > deadline:
                raise CannotRun(f"the engine did not start: {(self.folder / 'log').read_text()[-1000:]}")
            time.sleep(0.1)

    def check_way_out(self) -> None:
        """As the image's build will ask: without what this machine has of packages itself."""
        ask = [
            sys.executable,
            "-m",
            "pip",
            "--isolated",
            "--quiet",
            "download",
            "--no-deps",
            "--dest",
            str(self.folder),
        ]
        asked = attempt(self.within([*ask, SMALL]))
        if asked.returncode:
            raise CannotRun(f"pip's packages are not in reach from within: {asked.stderr.strip()[-300:]}")

    def remove_groups(self) -> None:
        """Control groups are the one thing that no namespace takes along."""
        for root in Path("/sys/fs/cgroup").glob(f"**{self.group}"):
            for group in sorted((path for path in [root, *root.glob("**/")]), key=lambda path: -len(path.parts)):
                _remove_group(group)


def _remove_group(group: Path) -> None:
    """Once the kernel has let go of the last of its processes, which is a while after they were killed."""
    deadline = time.monotonic() + ENDS_WITHIN_S
    while group.exists():
        try:
            group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Archive:
    """Debian packages, by this machine's own sources or those of another release, without a change to the machine."""

    def __init__(self, folder: Path, release: str = "") -> None:
        self.folder = folder
        self.release = release

    def fetch(self, arguments: list[str]) -> None:
        """Once; anew where others are wanted, or the machine's own are no longer the same."""
        wanted = f"{arguments} {INSTALLED.stat().st_mtime_ns}"
        fetched = self.folder / "fetched"
        if fetched.exists() and fetched.read_text() == wanted:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True)
        options = [word for option in self._options() for word in ("-o", option)]
        for command in (["update"], ["--yes", "--no-install-recommends", *arguments]):
            done = attempt(["apt-get", "--quiet", *options, *command], cwd=self.folder / "archives")
            if done.returncode:
                raise CannotRun(f"Debian's packages are not in reach: {done.stderr.strip()[-300:]}")
        shutil.rmtree(self.folder / "lists")
        fetched.write_text(wanted)

    def _options(self) -> Iterator[str]:
        yield from (f"Dir::State::lists={self.folder}/lists", f"Dir::Cache={self.folder}")
        yield from ("APT::Sandbox::User=root", "Debug::NoLocking=1")
        if self.release:
            sources = self.folder / "release.sources"
            sources.write_text(
                f"Types: deb\nURIs: {_mirror()}\nSuites: {self.release}\nComponents: main\nSigned-By: {KEYRING}\n"
            )
            yield from (f"Dir::Etc::sourcelist={sources}", "Dir::Etc::sourceparts=-")

    def packages(self) -> Iterator[Path]:
        return (self.folder / "archives").glob("*.deb")


def _mirror() -> str:
    """Where this machine gets Debian from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    mirrors = [uri for uri in _must(asked).split() if "security" not in uri]
    if not mirrors:
        raise CannotRun("its apt knows no Debian mirror")
    return mirrors[0]


def _first_child(process: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.01)
    raise CannotRun("the engine's namespaces ended at once")


def _must(command: list[str]) -> str:
    done = attempt(command)
    if done.returncode:
        raise CannotRun(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
    return done.stdout


if __name__ == "__main__":
    # A shell beside the engine, to look around: `python -m deploy.ci.engine`.
    with Engine() as engine:
        environment = {**os.environ, **engine.environment}
        sys.exit(
            subprocess.run(engine.within([os.environ.get("SHELL", "sh")]), env=environment, check=False).returncode
        )
