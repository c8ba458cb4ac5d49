"""A thousand idle sockets and more leave one realtime process for the other: how spread, and when all are back."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from deploy.tests.checker.connection import SOCKET_TROUBLE
from deploy.tests.checker.line import Line
from deploy.tests.faults.load import side_by_side
from deploy.tests.people import Person, Town

PEOPLE, SOCKETS_EACH = 200, 6
# What the server promises, and how much busier its busiest second may be: the moments are drawn.
GOODBYES_PER_S, BUSIER = 200, 1.5
BACK_WITHIN_S = 30.0
GOING_AWAY = 4001
# A browser's own, where nobody has told it when to come (static/js/backoff.js).
FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 30.0


@dataclass(frozen=True)
class Figures:
    codes: Counter[int]
    untold: int  # closed without `going_away`
    left_s: Sequence[float]  # since the signal, sorted
    back_s: Sequence[float]
    away_s: Sequence[float]  # each one's own, sorted
    ended_s: float  # the process

    @property
    def is_met(self) -> bool:
        most = GOODBYES_PER_S * BUSIER
        is_told = set(self.codes) == {GOING_AWAY} and not self.untold
        return (
            is_told
            and busiest(self.left_s) <= most
            and busiest(self.back_s) <= most
            and self.away_s[-1] <= BACK_WITHIN_S
        )

    def __str__(self) -> str:
        count, median_s = len(self.left_s), self.away_s[len(self.away_s) // 2]
        return (
            f"{count} sockets left within {self.left_s[-1]:.1f} s (codes {dict(self.codes)}, {self.untold} untold), "
            f"{busiest(self.left_s)} in the busiest second; each was back after {median_s:.1f} s (median), "
            f"{self.away_s[-1]:.1f} s at most, {busiest(self.back_s)} in the busiest second; "
            f"the process was gone after {self.ended_s:.1f} s"
        )


def busiest(moments_s: Sequence[float]) -> int:
    """How many fall into the fullest second."""
    return max(Counter(int(moment_s) for moment_s in moments_s).values(), default=0)


@dataclass
class Idler:
    """One page that lies open: told to come back, it waits as long as it was asked to; else it backs off."""

    person: Person
    chance: random.Random
    code: int = 0
    waits_s: float | None = None
    left_at: float = 0.0
    back_at: float = 0.0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, door: str) -> None:
        hello = asyncio.Event()

        def on_text(text: bytes) -> None:
            hello.set()
            for item in json.loads(text):
                if item["type"] == "going_away":
                    self.waits_s = item["retry_after_s"]

        headers = {"Authorization": f"Bearer {self.person.token}", "X-Forwarded-For": self.person.address}
        self.line = Line(door.replace("http", "ws", 1) + "/ws", headers, on_text=on_text, on_close=self._closed)
        await self.line.open()
        await asyncio.wait_for(hello.wait(), BACK_WITHIN_S)

    def _closed(self, code: int) -> None:
        if not self.left.is_set():
            self.code, self.left_at = code, asyncio.get_running_loop().time()
            self.left.set()

    async def moves_to(self, door: str) -> None:
        await self.left.wait()
        delay_s, attempt = self.waits_s, 0
        while True:
            await asyncio.sleep(self._back_off(attempt) if delay_s is None else delay_s)
            try:
                await self.open(door)
                break
            except SOCKET_TROUBLE:
                delay_s, attempt = None, attempt + 1
        self.back_at = asyncio.get_running_loop().time()

    def _back_off(self, attempt: int) -> float:
        return self.chance.uniform(0, min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**attempt))


async def leave_one_for_the_other(
    town: Town, doors: Sequence[str], *, end: Callable[[], Awaitable[None]], chance: random.Random
) -> Figures:
    """`end` ends the process behind the first door, and returns when it is gone."""
    clock = asyncio.get_running_loop().time
    people = await side_by_side([town.guest(f"Guest {number}") for number in range(PEOPLE)])
    idlers = [Idler(person, random.Random(chance.random())) for person in people for _ in range(SOCKETS_EACH)]
    await side_by_side([idler.open(doors[0]) for idler in idlers])

    moving = asyncio.gather(*(idler.moves_to(doors[1]) for idler in idlers))
    began = clock()
    await end()
    ended_s = clock() - began
    await moving
    for idler in idlers:
        idler.line.cut()
    return Figures(
        codes=Counter(idler.code for idler in idlers),
        untold=sum(idler.waits_s is None for idler in idlers),
        left_s=sorted(idler.left_at - began for idler in idlers),
        back_s=sorted(idler.back_at - began for idler in idlers),
        away_s=sorted(idler.back_at - idler.left_at for idler in idlers),
        ended_s=ended_s,
    )
