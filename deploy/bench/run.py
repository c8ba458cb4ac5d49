"""One scenario once against one peer: start it, connect, play, measure, end it."""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import psycopg

from deploy.bench import meters
from deploy.bench.generator import BODY_SIZE, Figures, Generator, Load, Report, Seat, cores
from deploy.bench.ground import Stores
from deploy.bench.peers import Ground, Peer
from deploy.bench.peers.all import PEERS, home_of
from deploy.bench.profile import profiled
from deploy.bench.scenarios import BARE_COMMIT, Figure, Scenario

WARM_S = 2.0
SETTLES_WITHIN_S = 12
FIRST_WITHIN_S = 30
# Writers of each room where they have a process of their own; a person may not send more than 50 messages a second.
WRITERS_A_ROOM = 2


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    values: dict[Figure, float]
    figures: Figures | None = None
    generator_share: float = 0  # of one core
    server_core_busy: float = 0
    other_cores_busy: float = 0
    threads: dict[str, float] = field(default_factory=dict)  # CPU seconds of the measured process


@dataclass(frozen=True)
class Bench:
    """What all runs share."""

    stores: Stores
    seconds: float | None = None  # instead of the scenario's own
    warm_s: float = WARM_S

    def ground(self, peer: type[Peer], *, clients: int, rooms: int, doors: int = 1, stored: bool = False) -> Ground:
        self.stores.fresh_redis()
        server, others = cores()
        home = home_of(peer)
        return Ground(
            home=home,
            redis_url=self.stores.redis.url,
            database_url=self.stores.database(home.name),
            clients=clients,
            rooms=rooms,
            doors=doors,
            stored=stored,
            cpus=server,
            other_cpus=others,
        )


@contextmanager
def started(
    bench: Bench, name: str, *, clients: int, rooms: int, doors: int = 1, stored: bool = False
) -> Iterator[Peer]:
    peer = PEERS[name]()
    with running(peer, bench.ground(type(peer), clients=clients, rooms=rooms, doors=doors, stored=stored)):
        yield peer


@contextmanager
def running(peer: Peer, ground: Ground) -> Iterator[None]:
    try:
        peer.start(ground)
        yield
    except BaseException:
        print(peer.last_words(), file=sys.stderr)
        raise
    finally:
        peer.stop()


def seats_of(scenario: Scenario, peer: Peer) -> list[Seat]:
    """Everybody reads and writes; with two doors everybody reads at the first, and some write at the second."""
    whole = range(scenario.clients)
    if scenario.doors == 1:
        return [Seat(peer.client(i, i % scenario.rooms), i % scenario.rooms) for i in whole]
    readers = [Seat(peer.client(i, i % scenario.rooms), i % scenario.rooms, writes=False) for i in whole]
    writers = [
        Seat(peer.client(i, i % scenario.rooms, door=1), i % scenario.rooms, watch=i)
        for i in range(scenario.rooms * WRITERS_A_ROOM)
    ]
    return readers + writers


def play(bench: Bench, scenario: Scenario, name: str, *, profile: str = "") -> Outcome:
    seconds = bench.seconds or scenario.seconds
    if name == BARE_COMMIT:
        return bare_commits(bench, scenario.rate, seconds)
    with started(
        bench,
        name,
        clients=scenario.clients,
        rooms=scenario.rooms,
        doors=scenario.doors,
        stored=scenario.stored,
    ) as peer:
        seats = seats_of(scenario, peer)
        with Load(
            seats, home_of(type(peer)), window=scenario.window_of(name), rate=scenario.rate, cpus=cores()[1]
        ) as load:
            load.open()
            load.ask("start")
            settle(load, peer.name, scenario.window_of(name) * scenario.rooms)
            time.sleep(bench.warm_s)
            with profiled(peer.measured()[0], seconds, profile):
                return measured(load, peer, seconds)


def settle(load: Load, name: str, outstanding: int) -> None:
    """Until as many messages are through as are outstanding at once: before that a server only fills its queues."""
    began = time.monotonic()
    while (through := load.report().messages) < max(1, outstanding):
        waited_s = time.monotonic() - began
        if waited_s > (SETTLES_WITHIN_S if through else FIRST_WITHIN_S):
            break
        time.sleep(0.05)
    if not through:
        raise RuntimeError(f"{name} delivered nothing within {FIRST_WITHIN_S} s")


def measured(load: Load, peer: Peer, seconds: float) -> Outcome:
    figures, watched = watch(load, peer.measured(), seconds)
    if not figures.deliveries:
        raise RuntimeError(f"{peer.name} delivered nothing in {seconds} s")
    if figures.closed:  # a server that fell, or sends its clients away, is not measured by what it did before
        raise RuntimeError(f"{peer.name} closed {figures.closed} connections in {seconds} s")
    return Outcome(
        {
            "cpu_us": watched.cpu_s / figures.deliveries * 1e6,
            "cpu_share": watched.cpu_s / figures.seconds,
            "p50_ms": figures.p50_ms,
            "p99_ms": figures.p99_ms,
            "messages_per_s": figures.messages / figures.seconds,
        },
        figures=figures,
        generator_share=figures.share,
        server_core_busy=watched.server_core_busy,
        other_cores_busy=watched.other_cores_busy,
        threads=watched.threads,
    )


class Watched(NamedTuple):
    """What the measured processes used meanwhile, and how busy the cores were."""

    cpu_s: float
    threads: dict[str, float]
    server_core_busy: float
    other_cores_busy: float


def watch(load: Generator[Report], processes: Sequence[int], seconds: float) -> tuple[Report, Watched]:
    """What the generator reports of the next seconds, and what they cost."""
    server, others = cores()
    cores_before = meters.core_times()
    load.ask("mark")
    before = meters.cpu(processes)
    time.sleep(seconds)
    report = load.report()
    after = meters.cpu(processes)
    cores_after = meters.core_times()
    return report, Watched(
        after.since(before),
        after.by_thread(before),
        meters.busy_share(cores_before, cores_after, server),
        meters.busy_share(cores_before, cores_after, others),
    )


def bare_commits(bench: Bench, rate: float, seconds: float) -> Outcome:
    """What PostgreSQL itself needs for one row: a connection that stays, one INSERT that commits itself."""
    waits_ms = []
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(cores()[0])})  # where ours would run
    try:
        with psycopg.connect(bench.stores.database("bare"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS row (id bigserial PRIMARY KEY, body text)")
            began_at = time.monotonic()
            for number in range(int(rate * seconds)):
                time.sleep(max(0, began_at + number / rate - time.monotonic()))
                began = time.perf_counter()
                connection.execute("INSERT INTO row (body) VALUES (%s)", ["x" * BODY_SIZE])
                waits_ms.append((time.perf_counter() - began) * 1e3)
    finally:
        os.sched_setaffinity(0, everywhere)
    return Outcome({"p50_ms": statistics.median(waits_ms), "p99_ms": statistics.quantiles(waits_ms, n=100)[98]})
