"""What the bench asks of every server it measures: to start, to say how a client opens a socket, and how it speaks."""

import json
import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from deploy.ci.servers import Missing, Server

__all__ = ["BODY", "COUNTER", "MARK", "UNIQUE_ID", "VERSION", "Client", "Ground", "Missing", "Peer", "Program", "Step"]

# The generator writes these into what a client sends; they survive json.dumps.
BODY = "%BODY%"  # about 200 characters of plain ASCII: marker, time, lane, number, filler
MARK = "%MARK%"  # the head of the body alone, where something shorter than a body comes back
UNIQUE_ID = "%UUID%"  # a fresh UUID
COUNTER = "%COUNT%"  # 1, 2, 3 … over all that the connection has sent
VERSION = "%VERSION%"  # of the last message the client has seen in its room, for who can resume

# A fixed key: the generator does not prove to itself that the server knows SHA-1.
WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Step(NamedTuple):
    """One step of opening: wait until a frame holds the text `wait` ("": at once), then send `send` ("": nothing).

    With `again` the step is taken only by a client that was cut off and comes back.
    """

    wait: str = ""
    send: str = ""
    again: bool = False


@dataclass(frozen=True)
class Client:
    """How one client opens its socket and writes. It is ready when all steps of `opening` are done.

    `message` is the frame with which it writes one message into its room: everybody in the room receives it, the
    writer too, and the body comes back unchanged, exactly once per message.
    """

    port: int
    message: str
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    opening: tuple[Step, ...] = ()
    first_version: int = 0  # what VERSION is before the room's first message

    @property
    def request(self) -> str:
        """The handshake, as it goes over the line."""
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {WEBSOCKET_KEY}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines) + "\r\n\r\n"


@dataclass(frozen=True)
class Ground:
    """What a peer is given for one run. Client i is in room i % rooms.

    `doors` = 2 asks for two processes that share Redis: readers come to the first, which alone is measured, writers to
    the second. `stored` asks that every message is committed to PostgreSQL before it is told.
    """

    home: Path  # where the peer is installed; stays from run to run, git-ignored
    redis_url: str
    database_url: str  # a database of the peer's own
    clients: int
    rooms: int
    doors: int = 1
    stored: bool = False
    cpus: str = ""  # "0" or "0,2": where the measured process runs; "" = anywhere
    other_cpus: str = ""  # where the second door runs


class Peer(ABC):
    """One server at its best honest setting. A fresh instance is made for each run."""

    name: str
    setting: str  # that setting, as one sentence for the report

    @classmethod  # noqa: B027  # who needs nothing writes nothing
    def install(cls, home: Path) -> None:
        """Bring what the peer needs into `home`, if it is not there. Raises Missing, which says what to do."""

    @classmethod
    @abstractmethod
    def versions(cls, home: Path) -> dict[str, str]:
        """Of what was installed: package → version."""

    @abstractmethod
    def start(self, ground: Ground) -> None:
        """Ready to be connected to when this returns."""

    @abstractmethod
    def measured(self) -> list[int]:
        """The processes whose CPU and memory count; their children and threads count with them."""

    @abstractmethod
    def client(self, index: int, room: int, *, door: int = 0) -> Client: ...

    @abstractmethod
    def stop(self) -> None: ...

    def last_words(self) -> str:
        """The end of its log, for a run that breaks."""
        return ""


class Program(Server):
    """A server program of a peer on certain CPUs: ready when its port listens. Its output is in `self.log`."""

    def __init__(self, name: str, *, cpus: str = "", port: int = 0) -> None:
        self.name = name
        super().__init__(port)
        self.cpus = cpus

    def run(self, command: list[str], *, environment: Mapping[str, str], folder: Path) -> None:
        pinned = ["taskset", "-c", self.cpus, *command] if self.cpus else command
        self.launch(pinned, env=dict(environment), cwd=folder)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        raise NotImplementedError("use run()")

    def __str__(self) -> str:
        return shlex.quote(self.name)


class OfPrograms(Peer):
    """A peer whose doors are programs of their own; the first is measured."""

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def program(self, name: str, *, cpus: str) -> Program:
        """One more, to be run by the caller and stopped with the peer."""
        self.programs.append(Program(name, cpus=cpus))
        return self.programs[-1]

    def measured(self) -> list[int]:
        return [self.programs[0].pid]

    def stop(self) -> None:
        for program in self.programs:
            program.stop()

    def last_words(self) -> str:
        return "\n".join(program.log.read_text(errors="replace")[-2000:] for program in self.programs)


def compact(value: Any) -> str:
    """JSON as clients send it."""
    return json.dumps(value, separators=(",", ":"))
