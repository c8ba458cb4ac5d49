"""Each proxy once: requests of every kind, and sockets through those that let them through."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deploy.bench.gateway.asked import by_browser, by_client, post
from deploy.bench.gateway.http_load import Request, Requests
from deploy.bench.gateway.proxies import PROXIES, Direct, DjangoHttpx, Nginx, OurGateway, Proxy
from deploy.bench.gateway.upstream import Upstream
from deploy.bench.generator import Load, Seat, cores
from deploy.bench.install import HOME
from deploy.bench.profile import profiled
from deploy.bench.run import Bench, Outcome, measured, running, watch

# what was measured (its key) → proxy → its runs
Runs = Mapping[str, Mapping[str, Sequence[Outcome]]]

ALL = (Direct.name, Nginx.name, OurGateway.name, DjangoHttpx.name)
PROXIED = (Nginx.name, OurGateway.name, DjangoHttpx.name)


@dataclass(frozen=True)
class Asking:
    """One kind of request over and over: `rate` a second, or as fast as answers come."""

    key: str
    title: str
    request: Callable[[str], Request]  # of a token
    connections: int
    rate: float = 0
    seconds: float = 1.5
    short_s: float = 0.8
    proxies: tuple[str, ...] = PROXIED


GET = Asking("get", "GET by a program, saturated", by_client, 64, seconds=2.5, short_s=1, proxies=ALL)
CALM = Asking("calm", "GET by a program, 100/s", by_client, 2, rate=100, seconds=4, short_s=2, proxies=ALL)
BROWSER = Asking("browser", "GET by a browser, saturated", by_browser, 64)
POST = Asking("post", "POST of a message, saturated", post, 64)
ASKED = (GET, CALM, BROWSER, POST)


@dataclass(frozen=True)
class Telling:
    """Messages into rooms of sockets that all go through the proxy."""

    key: str = "sockets"
    title: str = "500 sockets, 10,000 messages/s"
    clients: int = 500
    rooms: int = 10
    rate: float = 200  # into all rooms together; each message goes to the 50 of its room
    seconds: float = 3
    short_s: float = 1.5
    proxies: tuple[str, ...] = (Nginx.name, OurGateway.name)


SOCKETS = Telling()


@dataclass(frozen=True)
class Plan:
    short: bool
    warm_s: float

    def seconds(self, what: Asking | Telling) -> float:
        return what.short_s if self.short else what.seconds


FULL, SHORT = Plan(short=False, warm_s=0.6), Plan(short=True, warm_s=0.3)


def play(bench: Bench, upstream: Upstream, name: str, token: str, plan: Plan) -> dict[str, Outcome]:
    """Everything once through one proxy."""
    proxy = PROXIES[name](upstream)
    with running(proxy, bench.ground(type(proxy), clients=0, rooms=0)):
        found = {what.key: asked(proxy, what, token, plan) for what in ASKED if name in what.proxies}
        if name in SOCKETS.proxies:
            found[SOCKETS.key] = told(proxy, SOCKETS, plan)
    return found


def asked(proxy: Proxy, what: Asking, token: str, plan: Plan, *, profile: str = "") -> Outcome:
    seconds, request = plan.seconds(what), what.request(token)
    with Requests(proxy.port, request, connections=what.connections, rate=what.rate, cpus=cores()[1]) as load:
        time.sleep(plan.warm_s)
        with profiled(next(iter(proxy.measured()), 0), seconds, profile):
            answers, watched = watch(load, proxy.measured(), seconds)
    if answers.wrong or answers.closed or not answers.requests:
        raise RuntimeError(f"{proxy.name}, {what.title}: {answers}")
    values = {
        "p50_ms": answers.p50_ms,
        "p99_ms": answers.p99_ms,
        "requests_per_s": answers.requests / answers.seconds,
    }
    if proxy.measured():
        values["cpu_us"] = watched.cpu_s / answers.requests * 1e6
    return Outcome(
        values,
        generator_share=answers.share,
        server_core_busy=watched.server_core_busy,
        other_cores_busy=watched.other_cores_busy,
        threads=watched.threads,
    )


def told(proxy: Proxy, what: Telling, plan: Plan) -> Outcome:
    seats = [Seat(proxy.client(i, i % what.rooms), i % what.rooms) for i in range(what.clients)]
    with Load(seats, HOME, rate=what.rate, cpus=cores()[1]) as load:
        load.open()
        load.ask("start")
        time.sleep(plan.warm_s)
        return measured(load, proxy, plan.seconds(what))


def profile(bench: Bench, upstream: Upstream, plan: Plan, file: str) -> None:
    """Where our gateway's time goes, saturated with one kind of request."""
    proxy = OurGateway(upstream)
    with running(proxy, bench.ground(OurGateway, clients=0, rooms=0)):
        asked(proxy, GET, upstream.token(), plan, profile=file)
