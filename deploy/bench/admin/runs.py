"""Each page opened many times, in turns, and what that took."""

import statistics
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from deploy.bench.admin.pages import Page
from deploy.bench.reading.ground import Ground

LIMIT_MS = 500
WARM_UP = 1


class Measured(NamedTuple):
    who: str
    page: Page
    took_ms: list[float]
    cpu_ms: float  # the median of ours and PostgreSQL's together: what it takes on a machine with nothing else to do
    queries: int

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.took_ms)

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.took_ms, n=20, method="inclusive")[18]  # no more than was seen

    @property
    def is_kept(self) -> bool:
        return self.p95_ms <= LIMIT_MS


def measured(place: Ground, client: Any, who: str, pages: Sequence[Page], times: int) -> list[Measured]:
    """In turns, so that a noisy moment of the machine falls on all of them."""
    took: dict[Page, list[float]] = {page: [] for page in pages}
    cpu: dict[Page, list[float]] = {page: [] for page in pages}
    for number in range(WARM_UP + times):
        for page in pages:
            used, began = place.cpu_s(), time.perf_counter()
            answer = client.get(page.path)
            took_s, used_s = time.perf_counter() - began, place.cpu_s() - used
            if answer.status_code != 200:
                raise RuntimeError(f"{page.path}: {answer.status_code} {answer.content[:300]!r}")
            if number >= WARM_UP:
                took[page].append(took_s * 1e3)
                cpu[page].append(used_s * 1e3)
    return [Measured(who, page, took[page], statistics.median(cpu[page]), _queries(client, page)) for page in pages]


def _queries(client: Any, page: Page) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(page.path)
    return len(queries)


def table(rows: Sequence[Measured]) -> str:
    """The slowest first."""
    lines = ["| who | page | p50 ms | p95 ms | CPU ms | queries |", "|---|---|---:|---:|---:|---:|"]
    for row in sorted(rows, key=lambda row: -row.p95_ms):
        mark = "" if row.is_kept else " **missed**"
        figures = (f"{row.p50_ms:.0f}", f"{row.p95_ms:.0f}{mark}", f"{row.cpu_ms:.0f}", str(row.queries))
        lines.append(f"| {row.who} | {row.page.name} | {' | '.join(figures)} |")
    return "\n".join(lines)
