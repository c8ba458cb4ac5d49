"""Drills that end with figures instead of a verdict: each says what it measured and whether the promise was kept."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deploy.tests.faults import away, neighbours, rights, rolling_herd, slow_reader
from deploy.tests.faults.house import House
from deploy.tests.people import Town


@dataclass(frozen=True)
class Figure:
    text: str
    is_met: bool


Measure = Callable[[House, random.Random], Awaitable[Figure]]
SLOW_ROUNDS = 5
HANGING_ROUNDS = 3
MESSAGES_WITHOUT_REDIS = 20


async def without_redis(house: House, chance: random.Random) -> Figure:
    """Redis is stopped: a message is acked and reaches somebody at the other process within 3 s."""
    doors = [role.url for role in house.realtime]
    async with Town(house.url) as town:
        taken = await away.without_redis(
            town, doors, stop=house.stop_redis, chance=chance, messages=MESSAGES_WITHOUT_REDIS
        )
    await house.start_redis()
    acked_s, arrived_s = max(taken.acked_s), max(taken.arrived_s)
    return Figure(f"acked within {acked_s:.2f} s, arrived within {arrived_s:.2f} s", max(acked_s, arrived_s) <= 3)


async def rights_lost(house: House, chance: random.Random) -> Figure:
    """Removal, ban, logout, ended session: nothing more on the open socket after 2 s."""

    async def nothing() -> None:
        """Redis stays."""

    return await _rights(house, nothing)


async def rights_lost_without_redis(house: House, chance: random.Random) -> Figure:
    """The same while Redis is stopped."""
    figure = await _rights(house, house.stop_redis)
    await house.start_redis()
    return figure


async def _rights(house: House, before: Callable[[], Awaitable[None]]) -> Figure:
    doors = [role.url for role in house.realtime]
    async with Town(house.url) as town:
        heard = await rights.heard_after(town, doors, rights.ways(house.stack.manage), before=before)
    told = ", ".join(f"{way} {late_s:.2f} s" for way, late_s in heard.items())
    return Figure(f"last heard after {told}", max(heard.values()) <= 2)


async def slow_readers(house: House, chance: random.Random) -> Figure:
    """Readers that stop reading cost at most 1 MiB, are closed with 4008, and others do not notice."""
    figures = await slow_reader.slow_readers(house, rounds=SLOW_ROUNDS)
    return Figure(str(figures), figures.is_met)


async def hanging_service(house: House, chance: random.Random) -> Figure:
    """Chat hangs: its pages come within their budget, and others' pages do not notice."""
    figures = await neighbours.pages_beside_a_hanging_service(house.url, house.chat, rounds=HANGING_ROUNDS)
    return Figure(str(figures), figures.is_met)


async def herd(house: House, chance: random.Random) -> Figure:
    """A realtime process with more than a thousand sockets ends: they leave and come back a few at a time."""
    first, second = house.realtime
    async with Town(house.url) as town:
        figures = await rolling_herd.leave_one_for_the_other(
            town, [first.url, second.url], end=lambda: house.end(first), chance=chance
        )
    await house.start_again(first)
    return Figure(str(figures), figures.is_met)


FIGURES: dict[str, Measure] = {
    "herd": herd,
    "without-redis": without_redis,
    "rights-lost": rights_lost,
    "rights-lost-without-redis": rights_lost_without_redis,
    "slow-readers": slow_readers,
    "hanging-service": hanging_service,
}
