"""How often something happened, a minute and an hour: counted in the process, summed in the store every ten seconds.

Meant for whoever looks after the installation. To count costs half a microsecond and asks nobody; while the
store is away the counts wait here.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from abdre import metrics
from abdre.store import StoreAway, store

MINUTE_S, HOUR_S = 60, 3600
KEPT_S = 26 * HOUR_S  # a day, with the hour that runs and one to spare

# What every process counts of itself. A step without it is one in which nobody counted.
FLUSHES = "flushes"

_lock = Lock()
_waiting: Counter[tuple[str, int]] = Counter()  # by name and minute


@dataclass(frozen=True)
class Series:
    """Sums of equal steps, the running one last; `is_counted` says of each whether anybody counted then."""

    step_s: int
    sums: dict[str, list[int]]
    is_counted: list[bool]


def add(name: str, times: int = 1) -> None:
    """`name` happened. From any thread. Names are constants: each is kept in the store, a key a step."""
    metrics.EVENTS.add(times, name)
    key = name, int(time.time()) // MINUTE_S
    with _lock:
        _waiting[key] += times


def flush() -> None:
    """Hand over to the store what was counted. What it does not take waits for the next time, a day at most.

    Where only the store's answer got lost, this counts twice.
    """
    add(FLUSHES)
    oldest = (time.time() - KEPT_S) / MINUTE_S
    with _lock:
        taken = {key: times for key, times in _waiting.items() if key[1] > oldest}
        _waiting.clear()
    try:
        store.increase(_sums(taken, MINUTE_S) | _sums(taken, HOUR_S), ttl_s=KEPT_S)
    except StoreAway:
        with _lock:
            _waiting.update(taken)


def series(names: Sequence[str], *, step_s: int, steps: int) -> Series:
    """The last `steps` minutes or hours, in one question. Raises StoreAway."""
    newest = int(time.time()) // step_s
    asked = [FLUSHES, *names]
    span = range(newest - steps + 1, newest + 1)
    found = store.get_many([_key(name, step_s, step) for name in asked for step in span])
    rows = [[int(text or 0) for text in found[start : start + steps]] for start in range(0, len(found), steps)]
    return Series(step_s, dict(zip(names, rows[1:], strict=True)), [times > 0 for times in rows[0]])


def _sums(counts: dict[tuple[str, int], int], step_s: int) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for (name, minute), times in counts.items():
        sums[_key(name, step_s, minute * MINUTE_S // step_s)] += times
    return dict(sums)


def _key(name: str, step_s: int, step: int) -> str:
    return f"{{tally}}:{step_s}:{name}:{step}"  # in braces: all of them on one node of a cluster
