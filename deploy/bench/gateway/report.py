"""From the runs of the proxies to rows with their targets, and the figures behind them."""

import statistics
from collections.abc import Sequence

from deploy.bench.gateway.proxies import Direct, DjangoHttpx, Nginx, OurGateway
from deploy.bench.gateway.runs import ASKED, BROWSER, CALM, GET, POST, SOCKETS, Runs
from deploy.bench.report import marked, number, with_spread
from deploy.bench.rows import Row, row, spread, spread_of
from deploy.bench.run import Outcome
from deploy.bench.scenarios import Figure

OURS, NGINX, DJANGO, DIRECT = OurGateway.name, Nginx.name, DjangoHttpx.name, Direct.name
OF_DJANGO, OF_NGINX, OF_NGINX_BY_SOCKET = 1 / 15, 15, 2
ADDED_LIMIT_MS = 0.5


def rows(runs: Runs) -> list[Row]:
    return [*_costs(runs), *_rates(runs), *_added(runs), _sockets(runs)]


def _costs(runs: Runs) -> list[Row]:
    return [
        _compared(
            f"gateway, {what.title}: CPU µs per request",
            values(runs, what.key, OURS, "cpu_us"),
            peer,
            values(runs, what.key, peer, "cpu_us"),
            bound=bound,
        )
        for what in (GET, BROWSER, POST)
        for peer, bound in ((DJANGO, OF_DJANGO), (NGINX, OF_NGINX))
    ]


def _rates(runs: Runs) -> list[Row]:
    name = f"gateway, {GET.title}: requests/s"
    ours = values(runs, GET.key, OURS, "requests_per_s")
    return [
        _compared(name, ours, peer, values(runs, GET.key, peer, "requests_per_s")) for peer in (DIRECT, NGINX, DJANGO)
    ]


def _added(runs: Runs) -> list[Row]:
    p50, p99 = (f"gateway, {CALM.title}: {which} ms added" for which in ("p50", "p99"))
    ours = added(runs, OURS, "p50_ms")
    limit = row(p50, statistics.median(ours) if ours else None, "the limit", ADDED_LIMIT_MS, bound=1)
    return [
        limit,
        *[_compared(p50, ours, peer, added(runs, peer, "p50_ms")) for peer in (NGINX, DJANGO)],
        *[_compared(p99, added(runs, OURS, "p99_ms"), peer, added(runs, peer, "p99_ms")) for peer in (NGINX, DJANGO)],
    ]


def _sockets(runs: Runs) -> Row:
    ours, theirs = (values(runs, SOCKETS.key, name, "cpu_us") for name in (OURS, NGINX))
    name = f"gateway, {SOCKETS.title}: CPU µs per delivered message"
    return _compared(name, ours, NGINX, theirs, bound=OF_NGINX_BY_SOCKET)


def values(runs: Runs, key: str, proxy: str, figure: Figure) -> list[float]:
    return [run.values[figure] for run in runs[key].get(proxy, []) if figure in run.values]


def added(runs: Runs, proxy: str, figure: Figure) -> list[float]:
    """How much later an answer came than without a proxy."""
    direct = values(runs, CALM.key, DIRECT, figure)
    return [value - statistics.median(direct) for value in values(runs, CALM.key, proxy, figure)] if direct else []


def _compared(
    name: str, ours: Sequence[float], peer: str, theirs: Sequence[float], *, bound: float | None = None
) -> Row:
    """The ratio of medians; the proxies took turns."""
    our_spread, their_spread = (spread(found) if found else None for found in (ours, theirs))
    compared = row(name, our_spread and our_spread.median, peer, their_spread and their_spread.median, bound=bound)
    if our_spread and their_spread:
        compared["spread"] = f"{our_spread.share:.0%}, {their_spread.share:.0%}"
        if min(our_spread.median, their_spread.median) <= 0:  # less than chance: nothing was added that can be seen
            compared |= {"ratio": None, "spread": ""}
    return compared


def details(runs: Runs) -> str:
    head = [
        "| what | through | CPU µs each (spread) | a second (spread) | p50 ms | p99 ms | generator | proxy's core "
        "| other cores |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    titles = {what.key: what.title for what in (*ASKED, SOCKETS)}
    lines = [
        _line(titles[key], proxy, found) for key, proxies in runs.items() for proxy, found in proxies.items() if found
    ]
    return "\n".join(head + lines) + f"\n\n{DETAILS_ARE}"


def _line(title: str, proxy: str, found: Sequence[Outcome]) -> str:
    deliveries = [one.figures.deliveries / one.figures.seconds for one in found if one.figures]
    each = spread(deliveries) if deliveries else spread_of(found, "requests_per_s")
    p50, p99 = spread_of(found, "p50_ms"), spread_of(found, "p99_ms")
    cells = [
        title,
        proxy,
        with_spread(spread_of(found, "cpu_us")),
        with_spread(each),
        number(p50 and p50.median),
        number(p99 and p99.median),
        marked(spread([one.generator_share for one in found]).highest),
        f"{spread([one.server_core_busy for one in found]).median:.0%}",
        marked(spread([one.other_cores_busy for one in found]).highest),
    ]
    return f"| {' | '.join(cells)} |"


DETAILS_ARE = (
    "CPU is the proxy's alone. The upstream stands on the generator's cores: where those are busy beyond 85 % they may "
    "bound the rate (without a proxy they always do), not what a request costs. An answer with another status, another "
    "length or another request's number breaks the run. *Added* is the latency through a proxy less that without one."
)
