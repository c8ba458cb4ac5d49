"""What happened is counted by minute and hour, over all processes, and waits while the store is away."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from abdre import tally
from abdre.lifespan import Lifespan
from abdre.store.redis import RedisStore
from abdre.tally import HOUR_S, MINUTE_S

# A time of its own for each test, so that they do not meet in the store.
times = count(1_800_000_000 // HOUR_S * HOUR_S, 100 * HOUR_S)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    shown = {"now": float(next(times))}
    monkeypatch.setattr(tally, "time", SimpleNamespace(time=lambda: shown["now"]))
    monkeypatch.setattr(tally, "_waiting", Counter())
    return shown


@pytest.fixture
def store_away() -> Iterator[pytest.MonkeyPatch]:
    """No store, until the patch is undone."""
    patch = pytest.MonkeyPatch()
    patch.setattr(tally, "store", RedisStore("redis://127.0.0.1:1"))
    yield patch
    patch.undo()


def minutes(name: str = "tea", steps: int = 3) -> list[int]:
    return tally.series([name], step_s=MINUTE_S, steps=steps).sums[name]


def test_what_happened_is_summed_by_minute_and_by_hour_the_running_one_last(clock):
    tally.add("tea")
    tally.add("tea", 2)
    clock["now"] += 2 * MINUTE_S
    tally.add("tea", 4)
    tally.add("coffee")

    tally.flush()

    assert minutes() == [3, 0, 4]
    hours = tally.series(["tea", "coffee"], step_s=HOUR_S, steps=2)
    assert hours.sums == {"tea": [0, 7], "coffee": [0, 1]}


def test_several_processes_add_to_one_sum(clock):
    for times in (1, 2, 3):  # each flush could be another process's: all there is of it is in the store
        tally.add("tea", times)
        tally.flush()

    assert minutes(steps=1) == [6]


def test_threads_lose_nothing(clock):
    with ThreadPoolExecutor(8) as threads:
        threads.map(tally.add, ["tea"] * 10_000)
    tally.flush()

    assert minutes(steps=1) == [10_000]


def test_nothing_is_lost_while_the_store_is_away(clock, store_away: pytest.MonkeyPatch):
    tally.add("tea", 5)
    tally.flush()
    clock["now"] += MINUTE_S
    tally.add("tea")
    tally.flush()

    store_away.undo()
    tally.flush()

    assert minutes(steps=2) == [5, 1]


def test_what_waits_is_bounded_by_a_day(clock, store_away):
    for _ in range(40):
        tally.add("tea")
        tally.flush()
        clock["now"] += HOUR_S

    assert len([key for key in tally._waiting if key[0] == "tea"]) == tally.KEPT_S // HOUR_S


def test_a_time_in_which_nobody_counted_is_told_from_one_in_which_nothing_happened(clock):
    tally.flush()
    clock["now"] += 2 * MINUTE_S
    tally.flush()

    told = tally.series(["tea"], step_s=MINUTE_S, steps=4)

    assert told.is_counted == [False, True, False, True]
    assert told.sums["tea"] == [0, 0, 0, 0]


async def test_what_was_counted_last_is_handed_over_when_the_process_ends(
    clock, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.DOES_JOBS = False
    monkeypatch.setattr("abdre.garbage.look_seldom", lambda: None)  # it is for a process that stays
    spoken: list[str] = []
    said = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        return next(said)

    async def send(message: dict[str, str]) -> None:
        spoken.append(message["type"])

    tally.add("tea", 3)
    await Lifespan(None)({"type": "lifespan"}, receive, send)

    assert minutes(steps=1) == [3]
    assert spoken == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
