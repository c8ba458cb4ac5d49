"""The scenarios of which ours is the subject, against a fixed limit or itself: idle sockets, a cut, growth."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import psycopg

from deploy.bench import meters
from deploy.bench.generator import Load, Seat, cores
from deploy.bench.peers import Peer
from deploy.bench.peers.all import PEERS, home_of
from deploy.bench.profile import profiled
from deploy.bench.report import number
from deploy.bench.rows import Row, row
from deploy.bench.run import Bench, Outcome, play, started
from deploy.bench.scenarios import OURS, Cut, Growth, Idle, Scenario

OWN_STATEMENTS = "%pg_stat_statements%"
COUNT = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE %s"
LOOK_EVERY_S = 0.25


# Idle sockets.


def idle_kb(bench: Bench, idle: Idle, name: str) -> float:
    """Resident memory that each socket added, after what connecting needed for a moment has been given back."""
    with started(bench, name, clients=idle.clients, rooms=idle.rooms) as peer:
        before = meters.memory_kb(peer.measured())
        seats = [Seat(peer.client(i, i % idle.rooms), i % idle.rooms, writes=False) for i in range(idle.clients)]
        with Load(seats, home_of(PEERS[name]), cpus=cores()[1]) as load:
            load.open()
            time.sleep(idle.settle_s)
            ready = load.status()["ready"]
            if ready < idle.clients:
                raise RuntimeError(f"{name}: only {ready} of {idle.clients} sockets stayed open")
            return (meters.memory_kb(peer.measured()) - before) / idle.clients


def idle_rows(idle: Idle, kilobytes: dict[str, float]) -> list[Row]:
    name = f"{idle.clients:,} idle sockets on one process: KB of RSS each"
    ours = kilobytes.get(OURS)
    limit = row(name, ours, "the limit", idle.limit_kb, bound=1)
    others = [row(name, ours, peer, value) for peer, value in kilobytes.items() if peer != OURS]
    return [limit, *others]


# A cut.


class Look(NamedTuple):
    """Seconds since the cut, sockets ready, statements so far."""

    at_s: float
    ready: int
    statements: int


@dataclass(frozen=True)
class Comeback:
    """`back_s` is None when not everybody was back, or somebody was not whole, in the time watched."""

    opened_s: float  # until all were in at the beginning, 100 handshakes under way at once
    normal_per_s: float
    back_s: float | None
    statements_per_s: float  # the worst average over `over_s` after the first `after_s`
    skipped: int
    doubled: int
    whole: int
    looks: list[Look]


def cut_off(bench: Bench, cut: Cut, *, profile: str = "") -> Comeback:
    bench.stores.count_statements(wanted=True)
    try:
        with started(bench, OURS, clients=cut.clients + cut.rooms, rooms=cut.rooms) as peer:
            with (
                Load(cut_seats(cut, peer), home_of(type(peer)), rate=cut.rate, in_order=True, cpus=cores()[1]) as load,
                psycopg.connect(bench.stores.postgres.url(), autocommit=True) as connection,
                profiled(peer.measured()[0], cut.normal_s + cut.watched_s, profile),
            ):
                return watched(load, connection, cut)
    finally:
        bench.stores.count_statements(wanted=False)


def cut_seats(cut: Cut, peer: Peer) -> list[Seat]:
    """One writer a chat stays; everybody else only reads and is cut."""
    whole = range(cut.clients + cut.rooms)
    return [
        Seat(peer.client(i, i % cut.rooms), i % cut.rooms, writes=i < cut.rooms, stays=i < cut.rooms) for i in whole
    ]


def watched(load: Load, connection: psycopg.Connection, cut: Cut) -> Comeback:
    def statements() -> int:
        found = connection.execute(COUNT, [OWN_STATEMENTS]).fetchone()
        assert found
        return int(found[0])

    opened_s = load.open()
    load.ask("start")
    load.ask("mark")
    time.sleep(cut.normal_s / 2)  # what connecting caused is not what is normal
    before = statements()
    time.sleep(cut.normal_s)
    normal = (statements() - before) / cut.normal_s
    load.ask(f"cut {cut.first_delay_ms}")
    began = time.monotonic()
    looks: list[Look] = []
    while (at_s := time.monotonic() - began) < cut.watched_s:
        if looks and looks[-1].ready == load.count and at_s > cut.after_s + 2 * cut.over_s:
            break
        looks.append(Look(at_s, load.status()["ready"], statements()))
        time.sleep(LOOK_EVERY_S)
    load.ask("stop")
    time.sleep(2)
    figures, whole = load.report(), load.status()["whole"]
    is_whole = whole == load.count and not figures.skipped and not figures.doubled
    back = next((look.at_s for look in looks if look.ready == load.count), None)
    return Comeback(
        opened_s,
        normal,
        back if is_whole else None,
        worst_average(looks, over_s=cut.over_s, after_s=cut.after_s),
        figures.skipped,
        figures.doubled,
        whole,
        looks,
    )


def worst_average(looks: Sequence[Look], *, over_s: float, after_s: float) -> float:
    """The most statements a second in any stretch of `over_s` that begins `after_s` after the cut or later."""
    late = [look for look in looks if look.at_s >= after_s]
    averages = [
        (end.statements - begin.statements) / (end.at_s - begin.at_s)
        for begin in late
        for end in [next((look for look in late if look.at_s >= begin.at_s + over_s), None)]
        if end is not None
    ]
    return max(averages, default=0.0)


def cut_rows(cut: Cut, comeback: Comeback) -> list[Row]:
    name = f"{cut.clients:,} clients cut off at once"
    return [
        row(f"{name}: s until all are back and whole", comeback.back_s, "the limit", cut.back_within_s, bound=1),
        row(
            f"{name}: statements/s over {cut.over_s:.0f} s, after the first {cut.after_s:.0f} s",
            comeback.statements_per_s,
            "normal",
            comeback.normal_per_s,
            bound=cut.statements_ratio,
        ),
    ]


def told(cut: Cut, comeback: Comeback) -> str:
    """The same in a sentence, with what the limits do not name."""
    half = next((look.at_s for look in comeback.looks if look.ready > cut.clients / 2), None)
    peak = max((b.statements - a.statements) / (b.at_s - a.at_s) for a, b in pairwise(comeback.looks))
    return (
        f"{cut.clients:,} clients of {cut.rooms} chats cut at once, {cut.rate:.0f} messages/s going on, first attempt "
        f"within {cut.first_delay_ms:.0f} ms at random: all in at first after {number(comeback.opened_s)} s; half back "
        f"after {number(half)} s, all after {number(comeback.back_s)} s; {comeback.whole:,} of "
        f"{cut.clients + cut.rooms:,} whole, {comeback.skipped} skipped, {comeback.doubled} doubled; "
        f"{number(comeback.normal_per_s)} statements/s before, at most {number(peak)} for a moment."
    )


# Growth.


def growth_scenario(growth: Growth, size: int) -> Scenario:
    title = f"{size:,} sockets in chats of {growth.room}, saturated"
    rooms = size // growth.room
    return Scenario("growth", title, size, rooms, (OURS,), (), window=growth.window, seconds=growth.seconds)


def grown(bench: Bench, growth: Growth, size: int) -> Outcome:
    return play(bench, growth_scenario(growth, size), OURS)


def growth_rows(growth: Growth, cost_us: dict[int, float]) -> list[Row]:
    least, *_, most = growth.sizes
    name = f"{most:,} sockets beside {least:,}, in chats of {growth.room}: CPU µs per delivery"
    return [row(name, cost_us.get(most), f"ours with {least:,}", cost_us.get(least), bound=growth.ratio)]
