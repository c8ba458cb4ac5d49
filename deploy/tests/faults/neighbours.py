"""What a hanging service costs the pages that need it, and those that do not."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from time import monotonic

from deploy.ci.stack import Role
from deploy.tests.people import Person, Town

# Time-out of a page's parts, by which it comes at the latest.
BUDGET_S = 1.5
NOTICED = 1.2
ROUND_S = 8.0
OTHERS_PER_S = 40.0
# People who keep asking for what hangs.
PATIENT, ASKS_EVERY_S = 10, 1.0
PAGE_OF_CHAT, PAGE_OF_OTHERS = "/chats", "/sessions"


@dataclass
class Figures:
    """Seconds a page took: of other services, before and while chat hung; of chat, while it hung."""

    before_s: list[float] = field(default_factory=list)
    beside_s: list[float] = field(default_factory=list)
    hanging_s: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return p99(self.beside_s) / p99(self.before_s)

    @property
    def is_met(self) -> bool:
        return self.ratio <= NOTICED and max(self.hanging_s) <= BUDGET_S

    def __str__(self) -> str:
        others = f"p99 {p99(self.before_s) * 1000:.0f} ms before, {p99(self.beside_s) * 1000:.0f} ms beside it"
        return f"others' pages {others} ({self.ratio:.2f}), its own at most {max(self.hanging_s):.2f} s"


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


async def pages_beside_a_hanging_service(url: str, chat: Role, *, rounds: int) -> Figures:
    """In turns with and without it, since machines are noisy."""
    figures = Figures()
    async with Town(url) as town:
        ada = await town.member("ada")
        for _ in range(rounds):
            async with crowd(ada, []):
                await ask_steadily(ada, figures.before_s)
            async with hung(chat), crowd(ada, figures.hanging_s):
                await ask_steadily(ada, figures.beside_s)
            await asyncio.sleep(3)  # until a probe has found that it is back
    return figures


@asynccontextmanager
async def hung(role: Role) -> AsyncIterator[None]:
    assert role.process is not None
    os.kill(role.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(role.process.pid, signal.SIGCONT)


@asynccontextmanager
async def crowd(person: Person, taken_s: list[float]) -> AsyncIterator[None]:
    """People who ask for the pages of chat, also when there are none."""

    async def keep_asking() -> None:
        while True:
            taken_s.append(await page(person, PAGE_OF_CHAT))
            await asyncio.sleep(ASKS_EVERY_S)

    asking = [asyncio.create_task(keep_asking()) for _ in range(PATIENT)]
    try:
        yield
    finally:
        for task in asking:
            task.cancel()
        problems = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(problem, asyncio.CancelledError) for problem in problems), problems


async def ask_steadily(person: Person, taken_s: list[float]) -> None:
    """At fixed times, whether or not the last one is there: who waits must not ask less often."""
    began = monotonic()
    asked = []
    for number in range(int(ROUND_S * OTHERS_PER_S)):
        await asyncio.sleep(max(0.0, began + number / OTHERS_PER_S - monotonic()))
        asked.append(asyncio.create_task(page(person, PAGE_OF_OTHERS)))
    taken_s += await asyncio.gather(*asked)


async def page(person: Person, path: str) -> float:
    began = monotonic()
    answer = await person.get(path, Cookie=f"abdre_access={person.token}", Authorization="")
    assert answer.status == 200, f"{path}: {answer.status}"
    return monotonic() - began
