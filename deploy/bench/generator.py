"""The load generator as Python sees it: the plan it is given, the commands it obeys, the figures it answers."""

import json
import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, Self, TypeVar

from deploy.bench.install import generator
from deploy.bench.peers import Client
from deploy.ci.servers import dies_with_starter

BODY_SIZE = 200
# Handshakes under way at once: enough to keep a server busy, fewer than its queue of connections holds.
OPEN_AT_ONCE = 100
OPENS_WITHIN_S = 90


class Seat(NamedTuple):
    """A client and where it sits. `watch`: the seat that sees its messages delivered, if not its own."""

    client: Client
    room: int
    writes: bool = True
    watch: int = -1
    stays: bool = False  # is not cut


class Figures(NamedTuple):
    """What the generator counted between `mark` and `report`."""

    seconds: float
    deliveries: int
    messages: int  # seen delivered by their writer, or by who watches for it
    sent: int
    lost: int  # not seen delivered within 10 s
    closed: int  # connections that the server ended
    doubled: int
    skipped: int
    p50_ms: float
    p99_ms: float
    cpu_s: float

    @property
    def share(self) -> float:
        """Of one core that the generator used."""
        return self.cpu_s / self.seconds


def figures(line: str) -> Figures:
    return Figures(**json.loads(line))


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")


def plan(seats: Sequence[Seat]) -> str:
    """As load/plan.c reads it."""
    lines = []
    for client, room, writes, watch, stays in seats:
        lines += [
            f"client\t{client.port}\t{room}\t{watch}\t{int(stays)}\t{client.first_version}",
            f"request\t{escaped(client.request)}",
            *(f"step\t{int(step.again)}\t{escaped(step.wait)}\t{escaped(step.send)}" for step in client.opening),
        ]
        if writes:
            lines.append(f"message\t{escaped(client.message)}")
    return "\n".join(lines) + "\n"


Report = TypeVar("Report")


class Generator(ABC, Generic[Report]):
    """A generator's process, which answers each line that it is told. Use as a context; the process ends with it."""

    def __init__(self, command: Sequence[str], *, cpus: str) -> None:
        pinned = ["taskset", "-c", cpus] if cpus else []
        self.process = subprocess.Popen(
            dies_with_starter([*pinned, *command]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, command: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the load generator ended at {command}")
        return answer

    @abstractmethod
    def report(self) -> Report:
        """What was counted since `mark`."""


class Load(Generator[Figures]):
    """One run of sockets that write and hear."""

    def __init__(
        self,
        seats: Sequence[Seat],
        folder: Path,
        *,
        window: int = 0,
        rate: float = 0,
        in_order: bool = False,
        cpus: str,
    ) -> None:
        self.count = len(seats)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "plan"
        path.write_text(plan(seats))
        options = [str(window), str(rate), str(BODY_SIZE), str(int(in_order))]
        super().__init__([str(generator()), str(path), *options], cpus=cpus)

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.ask("status"))
        return answer

    def open(self, *, at_once: int = OPEN_AT_ONCE) -> float:
        """Seconds until all clients were ready."""
        began = time.monotonic()
        self.ask(f"open {at_once}")
        while (status := self.status())["ready"] < self.count:
            if time.monotonic() - began > OPENS_WITHIN_S:
                raise RuntimeError(f"not all clients could open: {status} of {self.count}")
            time.sleep(0.05)
        return time.monotonic() - began

    def report(self) -> Figures:
        return figures(self.ask("report"))


def raise_file_limit() -> None:
    """As far as it goes, for us and for whatever we start: 10,000 sockets are 10,000 files."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cores() -> tuple[str, str]:
    """The core of the measured server, and those of everything else."""
    first, *others = sorted(os.sched_getaffinity(0))
    return str(first), ",".join(str(core) for core in others or [first])
