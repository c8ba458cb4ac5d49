"""Runs of the ways in turns, and what came of them."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import uvloop

from deploy.bench.write_path.ground import SENDERS, Ground, ground
from deploy.bench.write_path.ways import (
    GoesOn,
    Way,
    bare_commit,
    for_messages,
    for_seconds,
    one_statement,
    ours,
    tutorial,
)

BURST = 1_000

Result = dict[str, Any]


class Plan(NamedTuple):
    rounds: int
    run_s: float
    bursts: int
    sizes: tuple[int, ...]


FULL = Plan(rounds=7, run_s=2.0, bursts=30, sizes=(1_000, 10_000, 100_000, 1_000_000))
SHORT = Plan(rounds=3, run_s=1.0, bursts=10, sizes=(1_000, 10_000, 100_000))


@dataclass(frozen=True)
class Run:
    """What one way did in one run."""

    messages: int
    seconds: float
    waits_s: Sequence[float]
    cpu_s: float  # the sender's process and PostgreSQL together

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.messages * 1e6

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.waits_s) * 1e3

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.waits_s, n=100)[98] * 1e3


def run(way: Way, ground: Ground, chats: Sequence[UUID], *, senders: int, goes_on: GoesOn) -> Run:
    pairs = [(chats[number % len(chats)], ground.people[number]) for number in range(senders)]
    before, cpu_before, began = ground.stored(chats), ground.cpu_s(), time.perf_counter()
    waits = uvloop.run(way(ground, pairs, goes_on))
    seconds, cpu_s = time.perf_counter() - began, ground.cpu_s() - cpu_before
    if ground.stored(chats) - before != len(waits):
        raise RuntimeError("acknowledged and stored differ")
    return Run(len(waits), seconds, waits, cpu_s)


def side_by_side(ground: Ground, ways: Sequence[Way], plan: Plan, *, chats: int, senders: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {way.__name__: [] for way in ways}
    for _ in range(plan.rounds):
        for way in ways:
            fresh = ground.chats(chats)
            runs[way.__name__].append(run(way, ground, fresh, senders=senders, goes_on=for_seconds(plan.run_s)))
    return runs


def growth(ground: Ground, plan: Plan) -> dict[int, list[Run]]:
    """Short bursts of 64 senders into chats of each size in turn; small chats are new ones in each burst."""
    large = {
        size: chat for size, chat in zip(plan.sizes, ground.chats(len(plan.sizes)), strict=True) if size > BURST * 100
    }
    for size, chat in large.items():
        ground.grow(chat, size)
    ground.sql.execute("VACUUM ANALYZE chat_svc_message")
    runs: dict[int, list[Run]] = {size: [] for size in plan.sizes}
    for _ in range(plan.bursts):
        for size in plan.sizes:
            chat = large.get(size) or ground.chats(1)[0]
            if size not in large:
                ground.grow(chat, size)
            runs[size].append(run(ours, ground, [chat], senders=SENDERS, goes_on=for_messages(BURST)))
    return runs


def measured(plan: Plan) -> Result:
    """The raw figures, by scenario."""
    with ground() as place:
        one = side_by_side(place, [ours, bare_commit, tutorial, one_statement], plan, chats=1, senders=1)
        hot = side_by_side(place, [ours, tutorial, one_statement], plan, chats=1, senders=SENDERS)
        many = side_by_side(place, [ours, tutorial, one_statement], plan, chats=50, senders=SENDERS)
        grown = growth(place, plan)
    scenarios = {"1 chat, 1 sender": one, "1 chat, 64 senders": hot, "50 chats, 64 senders": many}
    raw = {name: {way: figures(runs) for way, runs in ways.items()} for name, ways in scenarios.items()}
    return raw | {"growth": {str(size): figures(runs) for size, runs in grown.items()}}


def figures(runs: Sequence[Run]) -> Result:
    return {
        name: {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
        for name in ("per_second", "p50_ms", "p99_ms", "cpu_us")
        for values in [[getattr(one, name) for one in runs]]
    }
