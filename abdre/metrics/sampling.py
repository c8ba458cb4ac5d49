"""What is looked at every few seconds, instead of being counted as it happens: the pool, the breakers, the process."""

import os
import resource
import time
from pathlib import Path
from typing import Any

from django.db import connections

from abdre import metrics, service_client
from abdre.metrics.kinds import ALL, Gauge, Labels

EVERY_S = 5.0
_PROCESS = Path("/proc/self")
_BREAKER: dict[str, float] = {service_client.CLOSED: 0.0, service_client.HALF_OPENED: 1.0, service_client.OPENED: 2.0}
_BEGAN_AT = time.time()

# What was counted by others when it was last looked at.
_seen: dict[str, float] = {}


def look() -> None:
    for metric in ALL:
        if isinstance(metric, Gauge):
            metric.look()
    _look_at_pools()
    _look_at_process()


def _breakers() -> dict[Labels, float]:
    states = service_client.states()
    return {(name, address): _BREAKER[state] for name, ways in states.items() for address, state in ways.items()}


metrics.UPSTREAM_BREAKER.read_from(_breakers)


def _look_at_pools() -> None:
    pools = [stats for alias in connections if (stats := _stats_of(connections[alias]))]
    sums = {name: sum(stats.get(name, 0) for stats in pools) for name in ("pool_size", "pool_available", *_WAITS)}
    metrics.POOL_CONNECTIONS.set(sums["pool_size"], "open")
    metrics.POOL_CONNECTIONS.set(sums["pool_available"], "idle")
    metrics.POOL_CONNECTIONS.set(sums["requests_waiting"], "waiting")
    metrics.POOL_ERRORS.add(_since("requests_errors", sums["requests_errors"]))
    metrics.POOL_WAIT_SECONDS.add(_since("requests_wait_ms", sums["requests_wait_ms"]) / 1000)


_WAITS = ("requests_waiting", "requests_errors", "requests_wait_ms")


def _stats_of(connection: Any) -> dict[str, int]:
    """Nothing where there is no pool, or none yet: to look must not make one."""
    pool = getattr(connection, "_connection_pools", {}).get(connection.alias)
    return dict(pool.get_stats()) if pool is not None else {}


def _look_at_process() -> None:
    metrics.PROCESS_CPU.add(_since("cpu", time.process_time()))
    metrics.PROCESS_START.set(_BEGAN_AT)
    metrics.PROCESS_FILES_LIMIT.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if _PROCESS.exists():  # elsewhere than on Linux these two are not told
        pages = int((_PROCESS / "statm").read_text().split()[1])
        metrics.PROCESS_MEMORY.set(pages * os.sysconf("SC_PAGE_SIZE"))
        metrics.PROCESS_FILES.set(len(os.listdir(_PROCESS / "fd")))


def _since(name: str, now: float) -> float:
    """How much was added; after a new beginning (a pool made anew) all of it was."""
    before = _seen.get(name, 0.0)
    _seen[name] = now
    return now - before if now >= before else now
