"""What readers that stop reading cost: memory of their realtime process, and the patience of the others there."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import monotonic
from typing import Any
from uuid import uuid4

from deploy.tests.checker.line import Line
from deploy.tests.faults.house import House
from deploy.tests.people import Person, Town

SLOW = 4  # readers, each in a chat of its own, so that none shares its backlog with another
# A person may not write long messages faster than ten a second or so.
LOUD_WRITERS, LOUD_PER_S, LOUD_BODY = 5, 8, "ы" * 7_900  # two bytes each
OTHERS, QUIET_PER_S = 20, 20  # in one more chat: those who must not notice
# In which 7.5 MB go to each slow reader: the kernel takes up to 4 MB of them, the outbox 1.
PHASE_S = 12.0
# On the reader's side the kernel shall hold little.
RECEIVE_BUFFER_BYTES = 4096
CLOSED_WITHIN_S = 10.0
TOO_SLOW = 4008


@dataclass
class Reader:
    """A socket that does with each item what it is told, and says when and why it was closed."""

    person: Person
    on_item: Callable[[dict[str, Any]], None]
    line: Line = field(init=False)
    close_code: asyncio.Future[int] = field(init=False)

    async def open(self, door: str, *, receive_buffer_bytes: int = 0) -> "Reader":
        self.close_code = asyncio.get_running_loop().create_future()
        hello = asyncio.Event()

        def on_text(text: bytes) -> None:
            hello.set()
            for item in json.loads(text):
                self.on_item(item)

        headers = {"Authorization": f"Bearer {self.person.token}", "X-Forwarded-For": self.person.address}
        url = door.replace("http", "ws", 1) + "/ws"
        self.line = Line(url, headers, on_text=on_text, on_close=self.closed)
        await self.line.open(receive_buffer_bytes=receive_buffer_bytes)
        await asyncio.wait_for(hello.wait(), CLOSED_WITHIN_S)
        return self

    def closed(self, code: int) -> None:
        if not self.close_code.done():  # nobody waits for it any more
            self.close_code.set_result(code)

    def write(self, chat: str, body: str) -> None:
        words = {"type": "message.send", "ref": "1", "chat": chat, "client_id": str(uuid4()), "body": body}
        self.line.say(json.dumps(words, ensure_ascii=False))


@dataclass(frozen=True)
class Round:
    others_p99_s: float  # while everybody reads
    others_p99_stalled_s: float  # while the slow ones do not
    cost_bytes: float  # of resident memory, for each slow reader
    close_codes: Sequence[int]


@dataclass(frozen=True)
class Figures:
    rounds: Sequence[Round]

    @property
    def ratio(self) -> float:
        return median(one.others_p99_stalled_s / one.others_p99_s for one in self.rounds)

    @property
    def cost_bytes(self) -> float:
        return max(one.cost_bytes for one in self.rounds)

    @property
    def close_codes(self) -> set[int]:
        return {code for one in self.rounds for code in one.close_codes}

    @property
    def is_met(self) -> bool:
        return self.ratio <= 1.2 and self.cost_bytes <= 1024**2 and self.close_codes == {TOO_SLOW}

    def __str__(self) -> str:
        times = ", ".join(f"{one.others_p99_s * 1000:.1f}/{one.others_p99_stalled_s * 1000:.1f}" for one in self.rounds)
        return (
            f"a slow reader costs {self.cost_bytes / 1024:.0f} KiB, is closed with {self.close_codes}; "
            f"others' p99 {times} ms, ratio {self.ratio:.2f}"
        )


async def slow_readers(house: House, *, rounds: int) -> Figures:
    async with Town(house.url) as town:
        stage = await Stage.set_up(town, house)
        return Figures([await stage.round() for _ in range(rounds)])


@dataclass
class Stage:
    """Writers at the first realtime process; all readers at the second, which is measured."""

    house: House
    quiet: Reader  # who writes in the quiet chat
    quiet_chat: str
    loud: list[tuple[list[Reader], Person, str]] = field(default_factory=list)  # writers, who reads slowly, their chat
    lags_s: list[float] = field(default_factory=list)

    @classmethod
    async def set_up(cls, town: Town, house: House) -> "Stage":
        first, second = (role.url for role in house.realtime)
        chat, (writer, *others) = await chat_of(town, "Quiet", 1 + OTHERS)
        stage = cls(house, await Reader(writer, nothing).open(first), chat)
        for person in others:
            await Reader(person, stage.note_lag).open(second)
        for number in range(SLOW):
            chat, (reader, *writers) = await chat_of(town, f"Loud {number}", 1 + LOUD_WRITERS)
            stage.loud.append(([await Reader(writer, nothing).open(first) for writer in writers], reader, chat))
        return stage

    def note_lag(self, item: dict[str, Any]) -> None:
        if item["type"] == "message.created":
            self.lags_s.append(monotonic() - float(item["message"]["body"]))

    async def round(self) -> Round:
        door = self.house.realtime[1].url
        slow = [
            await Reader(person, nothing).open(door, receive_buffer_bytes=RECEIVE_BUFFER_BYTES)
            for _, person, _ in self.loud
        ]
        p99_s = await self.everybody_talks()
        for reader in slow:
            reader.line.stop_reading()
        before, seen = self.memory_bytes(), [self.memory_bytes()]
        looking = asyncio.create_task(self.look_at_memory(seen))
        stalled_p99_s = await self.everybody_talks()
        looking.cancel()
        for reader in slow:
            reader.line.read_on()
        codes = [await asyncio.wait_for(reader.close_code, CLOSED_WITHIN_S) for reader in slow]
        return Round(p99_s, stalled_p99_s, (max(seen) - before) / SLOW, codes)

    async def everybody_talks(self) -> float:
        """Loud and quiet chats for one phase; the 99th percentile of what the quiet ones waited."""
        self.lags_s.clear()
        quiet = paced(QUIET_PER_S, lambda: self.quiet.write(self.quiet_chat, str(monotonic())))
        loud = [
            paced(LOUD_PER_S, partial(writer.write, chat, LOUD_BODY))
            for writers, _, chat in self.loud
            for writer in writers
        ]
        await asyncio.gather(quiet, *loud)
        await asyncio.sleep(0.5)  # the last ones arrive
        return quantiles(self.lags_s, n=100)[98]

    async def look_at_memory(self, seen: list[int]) -> None:
        while True:
            await asyncio.sleep(0.1)
            seen.append(self.memory_bytes())

    def memory_bytes(self) -> int:
        process = self.house.realtime[1].process
        assert process is not None
        status = Path(f"/proc/{process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


async def paced(per_s: float, deed: Callable[[], None]) -> None:
    began, done = monotonic(), 0
    while (passed_s := monotonic() - began) < PHASE_S:
        due = int(passed_s * per_s) + 1
        for _ in range(due - done):
            deed()
        done = due
        await asyncio.sleep(1 / per_s)


async def chat_of(town: Town, title: str, count: int) -> tuple[str, list[Person]]:
    host = await town.guest("Host")
    chat = await host.start_chat(title)
    token = (await host.invite(chat, max_uses=count))["token"]
    return chat, [host, *[await town.guest_by_code(f"Person {number}", token) for number in range(1, count)]]


def nothing(item: dict[str, Any]) -> None:
    """Nobody looks at it."""
