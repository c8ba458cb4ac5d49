"""The generator of requests as Python sees it: what it asks, over how many connections, and what it counts."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deploy.bench.generator import Generator
from deploy.bench.install import HOME, LOAD, compiled

# In a request, for a number of its own, which the right answer says again.
NUMBER = "########"
ANSWERS_WITHIN_S = 5


@dataclass(frozen=True)
class Request:
    """One request, asked again and again, and the status of its right answer."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200

    @property
    def text(self) -> str:
        """As it goes over the line."""
        headers = {"Host": "chat.example.org", **self.headers}
        if self.body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(self.body.encode()))}
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines) + "\r\n\r\n" + self.body


class Answers(NamedTuple):
    """What was counted between `mark` and `report`."""

    seconds: float
    requests: int  # answered rightly
    wrong: int  # another status, another request's number, more or less than its length
    closed: int  # connections that the server ended
    under_way: int  # asked, and not answered yet
    p50_ms: float
    p99_ms: float
    cpu_s: float

    @property
    def share(self) -> float:
        """Of one core that the generator used."""
        return self.cpu_s / self.seconds


def answers(line: str) -> Answers:
    return Answers(**json.loads(line))


def http_load() -> Path:
    own = Path(__file__).parent / "http_load.c"
    return compiled("http-load", [own, LOAD / "measure.c", LOAD / "measure.h"])


class Requests(Generator[Answers]):
    """Asks from its start on: as often as is answered, or `rate` times a second."""

    def __init__(self, port: int, request: Request, *, connections: int, rate: float = 0, cpus: str) -> None:
        HOME.mkdir(parents=True, exist_ok=True)
        file = HOME / f"request-{port}"
        file.write_bytes(request.text.encode())
        options = [str(port), str(connections), str(rate), str(request.status), str(file)]
        super().__init__([str(http_load()), *options], cpus=cpus)

    def __exit__(self, *problem: object) -> None:
        if not any(problem):
            self.hear_the_rest()
        super().__exit__(*problem)

    def hear_the_rest(self) -> None:
        """Hanging up amid an answer is not what is measured, and costs httpx a connection of its pool for good."""
        self.ask("stop")
        ends_at = time.monotonic() + ANSWERS_WITHIN_S
        while self.report().under_way and time.monotonic() < ends_at:
            time.sleep(0.01)

    def report(self) -> Answers:
        return answers(self.ask("report"))
