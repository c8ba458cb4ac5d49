"""Real traffic and real faults before Debian's Prometheus: `python -m deploy.ci.observe`.

No query of any panel or alert may be empty: one that is asks for what nobody counts. Then one request, followed by its
id through all logs and by its trace. Exit code 1 unless all of it is so.
"""

import asyncio
import contextlib
import itertools
import random
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp

from abdre.metrics.kinds import ALL, Metric
from deploy.ci.following import followed
from deploy.ci.jobs import Tally
from deploy.ci.prometheus import Prometheus, Target
from deploy.ci.servers import free_port
from deploy.ci.stack import Stack
from deploy.observability.queries import Query, panels, recorded, watched
from deploy.tests.collector import collecting
from deploy.tests.faults.house import House, by_hand
from deploy.tests.faults.load import Crowd, Size
from deploy.tests.people import Town

SIZE = Size(clients=12, chats=4, messages_per_s=8.0)
OUTAGE_S = 6.0
PAUSE_S = 1.0
FULL_WITHIN_S = 300.0
# Grafana's own stands for some scrapes; one a second here.
STEP = {"$__rate_interval": "30s"}


class Measured(House):
    def make_stack(self, environment: dict[str, str]) -> Stack:
        return Stack(environment, realtime=2, measured=True)


async def main() -> int:
    with collecting() as collector:
        environment = {
            "ABDRE_OTEL_ENDPOINT": collector.url,
            "ABDRE_LOG_LEVEL": "INFO",
            "ABDRE_LOG_FORMAT": "json",
            "ABDRE_ALLOWED_HOSTS": "127.0.0.1",
            # Nobody is there: what goes out by letter fails, as on a day when the mail server is away.
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(free_port()),
        }
        async with Measured(environment) as house:
            targets = [Target(role.name, role.metrics_port) for role in house.stack.roles]
            with Prometheus(targets) as prometheus:
                shown = await observed(house, prometheus)
            shown |= await followed(house, collector)
    failed = [what for what, is_so in shown.items() if not is_so]
    print("\n" + (f"failed: {', '.join(failed)}" if failed else "nothing is empty"))
    print(Tally(len(shown) - len(failed), len(failed)))
    return 1 if failed else 0


async def observed(house: House, prometheus: Prometheus) -> dict[str, bool]:
    """Of each query whether it brought anything, of each rule whether it can be evaluated."""
    async with Crowd(house.url, house.doors, SIZE, random.Random(1)) as crowd, Town(house.url) as town:
        over = asyncio.Event()
        talking = asyncio.create_task(crowd.talk(over))
        coming = [asyncio.create_task(again_and_again(deed, town, over)) for deed in (visit, have_account)]
        await faults(house)
        counts = await until_none_is_empty(prometheus)
        over.set()
        await asyncio.gather(talking, *coming)
    for query, count in counts.items():
        print(f"{count:5}  {query.where}")
    print(f"{len(counts)} queries, {sum(count == 0 for count in counts.values())} of them empty")
    still = [metric.name for metric in ALL if not prometheus.series(moved(metric))]
    print(f"0 all the time: {', '.join(still) or 'nothing'}")
    return {query.where: count > 0 for query, count in counts.items()} | prometheus.rules()


async def until_none_is_empty(prometheus: Prometheus) -> dict[Query, int]:
    queries = [*recorded(), *watched(), *panels()]
    counts: dict[Query, int] = {}
    deadline = time.monotonic() + FULL_WITHIN_S
    while time.monotonic() < deadline:
        for query in queries:  # what has been seen once, counts
            counts[query] = counts.get(query, 0) or await by_hand(prometheus.series, filled(query.text))
        if all(counts.values()):
            break
        await asyncio.sleep(2)
    return counts


def moved(metric: Metric) -> str:
    name = f"{metric.name}_count" if metric.kind == "histogram" else metric.name
    return f"max_over_time({name}[30m]) > 0"


def filled(text: str) -> str:
    for name, value in STEP.items():
        text = text.replace(name, value)
    return text


async def faults(house: House) -> None:
    """A service is killed, Redis is away for a moment, PostgreSQL crashes."""
    await asyncio.sleep(OUTAGE_S)
    await house.kill(house.chat)
    await asyncio.sleep(OUTAGE_S)
    await house.start_again(house.chat)
    await house.stop_redis()
    await asyncio.sleep(OUTAGE_S)
    await house.start_redis()
    await house.crash_postgres()
    await asyncio.sleep(OUTAGE_S)
    await house.start_postgres()


async def again_and_again(deed: Callable[[Town, str], Awaitable[None]], town: Town, over: asyncio.Event) -> None:
    numbers = itertools.count()
    while not over.is_set():
        with contextlib.suppress(AssertionError, aiohttp.ClientError, TimeoutError):  # so it is while something is away
            await deed(town, str(next(numbers)))
        await asyncio.sleep(PAUSE_S)


async def visit(town: Town, number: str) -> None:
    """A code is shown, opened and used, pages are looked at, and a socket comes back."""
    host = await town.guest(f"Host {number}")
    chat = await host.start_chat()
    code = await host.invite(chat)
    await town.nobody().get(f"/join/{code['token']}")
    await town.nobody().must("POST", "/api/auth/invitations/opened", {"token": code["token"]})
    newcomer = await town.guest_by_code(f"Guest {number}", code["token"])
    await newcomer.write(chat, "Hello!")
    socket = await town.socket(newcomer)
    await socket.command(type="resume", chats={chat: 0})
    await socket.connection.close()
    for path in ("/", "/chats", f"/chats/{chat}"):
        await host.get(path, Cookie=f"abdre_access={host.token}")


async def have_account(town: Town, number: str) -> None:
    """Which sends a letter and makes an archive."""
    member = {"username": f"member-{number}", "password": "an uncommon one 7", "email": f"m{number}@example.org"}
    registered = town.nobody().signed_in_by(await town.nobody().must("POST", "/api/auth/register", member))
    await registered.post("/api/auth/exports", {"password": "an uncommon one 7"})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
