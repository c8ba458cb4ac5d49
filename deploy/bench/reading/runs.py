"""Each question asked many times, in turns, and what that took."""

import statistics
import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from deploy.bench.reading.asked import ASKED, Asked
from deploy.bench.reading.ground import Ground

WARM_UP = 3


class Measured(NamedTuple):
    asked: Asked
    took_ms: list[float]
    cpu_ms: float  # the median of ours and PostgreSQL's together: what it takes on a machine with nothing else to do
    queries: int

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.took_ms)

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.took_ms, n=20)[18]

    @property
    def is_kept(self) -> bool:
        return self.asked.limit_ms is None or self.p95_ms <= self.asked.limit_ms


def measured(ground: Ground, times: int) -> list[Measured]:
    """In turns, so that a noisy moment of the machine falls on all of them."""
    random = Random(1)
    took: dict[str, list[float]] = {asked.name: [] for asked in ASKED}
    cpu: dict[str, list[float]] = {asked.name: [] for asked in ASKED}
    for number in range(WARM_UP + times):
        for asked in ASKED:
            address = asked.address(ground, random)
            used, began = ground.cpu_s(), time.perf_counter()
            ground.ask(asked.login, address)
            took_s, used_s = time.perf_counter() - began, ground.cpu_s() - used
            if number >= WARM_UP:
                took[asked.name].append(took_s * 1e3)
                cpu[asked.name].append(used_s * 1e3)
    return [
        Measured(asked, took[asked.name], statistics.median(cpu[asked.name]), _queries(ground, asked, random))
        for asked in ASKED
    ]


def _queries(ground: Ground, asked: Asked, random: Random) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = asked.address(ground, random)
    with CaptureQueriesContext(connection) as queries:
        ground.ask(asked.login, address)
    return len(queries)


def table(rows: Sequence[Measured]) -> str:
    lines = ["| asked | p50 ms | p95 ms | at most | CPU ms | queries |", "|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        limit = "" if row.asked.limit_ms is None else f"{row.asked.limit_ms:g}"
        mark = "" if row.is_kept else " **missed**"
        figures = (f"{row.p50_ms:.1f}", f"{row.p95_ms:.1f}{mark}", limit, f"{row.cpu_ms:.1f}", str(row.queries))
        lines.append(f"| {row.asked.name} | {' | '.join(figures)} |")
    return "\n".join(lines)
