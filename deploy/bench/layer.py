"""What one event costs the processes that publish and hear it over Redis: our client beside channels-redis' own.

`python -m deploy.bench.layer [--short] [--json FILE]`. Brings its own Redis. CPU is that of the thread that runs the
event loop; Redis, and who is at the other end, run elsewhere. The two take turns, so that what else the machine does
hits both; medians of the rounds, with the lowest and the highest.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgpack
import uvloop

from deploy.bench.rows import Row, row
from deploy.ci.servers import Redis

GROUP = "chat.0e984725-c51c-4bf4-9960-e1c80e27aba0"
BURST = 50
# Under load the client must not be what a message costs; alone, most of it is the loop's own waking and sleeping.
BOUND = 0.2


class Plan(NamedTuple):
    rounds: int
    messages: int


FULL = Plan(rounds=9, messages=10_000)
SHORT = Plan(rounds=3, messages=3_000)

Figures = dict[str, dict[str, list[float]]]  # what was done → by whom → µs of each round


def message() -> dict[str, Any]:
    """As `abdre.events.envelope` makes it of one message of about two hundred characters."""
    item = {
        "type": "message.created",
        "chat": GROUP,
        "version": 1234567,
        "message": {"body": "x" * 200, "id": "y" * 150},
    }
    return {
        "type": "hub.events",
        "group": GROUP,
        "types": ["message.created"],
        "versions": [1234567],
        "items": [json.dumps(item).encode()],
    }


def layers(url: str) -> dict[str, Any]:
    from channels_redis.pubsub import RedisPubSubChannelLayer

    from abdre.layers import LeanPubSubLayer

    return {"lean": LeanPubSubLayer(hosts=[url]), "stock": RedisPubSubChannelLayer(hosts=[url])}


# Publishing.


async def one_by_one(layer: Any, count: int) -> None:
    for _ in range(count):
        await layer.group_send(GROUP, message())


async def side_by_side(layer: Any, count: int) -> None:
    for _ in range(count // BURST):
        await asyncio.gather(*(layer.group_send(GROUP, message()) for _ in range(BURST)))


async def handed_over(layer: Any, count: int) -> None:
    """A batch of the writer's, as `abdre.events` gives it away."""
    for _ in range(count // BURST):
        batch = [(GROUP, message()) for _ in range(BURST)]
        if hasattr(layer, "group_send_many"):
            await layer.group_send_many(batch)
        else:
            for group, each in batch:
                await layer.group_send(group, each)


# Hearing.


async def hear(layer: Any, url: str, count: int, *, burst: int) -> float:
    """CPU seconds of hearing `count` messages that another process sends `burst` at a time."""
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    sender = subprocess.Popen([sys.executable, "-m", "deploy.bench.layer", "--send", url, str(count), str(burst)])
    first = await hear_some(layer, channel, burst)  # the sender's start is not measured
    began = time.thread_time()
    await hear_some(layer, channel, count - first)
    took_s = time.thread_time() - began
    sender.wait()
    await layer.flush()
    return took_s


async def hear_some(layer: Any, channel: str, count: int) -> int:
    """As the hub's line does; says how many they were, at least `count`."""
    many, heard = hasattr(layer, "receive_all"), 0
    while heard < count:
        heard += len(await layer.receive_all(channel) if many else [await layer.receive(channel)])
    return heard


def send(url: str, count: int, burst: int) -> None:
    """At the other end, with as little as can be: ready bytes on a plain socket."""
    host, port = url.removeprefix("redis://").split("/")[0].split(":")
    words = (b"PUBLISH", f"asgi__group__{GROUP}".encode(), msgpack.packb(message()))
    command = b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    with socket.create_connection((host, int(port))) as line:
        for _ in range(count // burst):
            line.sendall(command * burst)
            replies = b""
            while replies.count(b"\n") < burst:
                replies += line.recv(65536)


# The rounds.

PUBLISHING: dict[str, Callable[[Any, int], Awaitable[None]]] = {
    "published one by one": one_by_one,
    f"published {BURST} side by side": side_by_side,
    f"published in batches of {BURST}": handed_over,
}
HEARING = {"heard one by one": 1, f"heard in bursts of {BURST}": BURST}
ALONE = ("published one by one", "heard one by one")
UNDER_LOAD = (f"published in batches of {BURST}", f"heard in bursts of {BURST}")


async def publish_cost(layer: Any, deed: Callable[[Any, int], Awaitable[None]], count: int) -> float:
    await deed(layer, BURST)
    began = time.thread_time()
    await deed(layer, count)
    took_s = time.thread_time() - began
    await layer.flush()
    return took_s


async def play(url: str, plan: Plan) -> Figures:
    figures: Figures = {name: {"lean": [], "stock": []} for name in (*PUBLISHING, *HEARING)}
    for _ in range(plan.rounds):
        for name, deed in PUBLISHING.items():
            for kind, layer in layers(url).items():
                took_s = await publish_cost(layer, deed, plan.messages)
                figures[name][kind].append(took_s / plan.messages * 1e6)
        for name, burst in HEARING.items():
            for kind, layer in layers(url).items():
                took_s = await hear(layer, url, plan.messages, burst=burst)
                figures[name][kind].append(took_s / (plan.messages - burst) * 1e6)
    return figures


def measured(plan: Plan) -> Figures:
    with Redis() as redis:
        return uvloop.run(play(redis.url, plan))


def rows(figures: Figures) -> list[Row]:
    def compared(what: str, ours: float, theirs: float, *, bound: float | None = None) -> Row:
        return row(f"an event over Redis, {what}: µs of CPU", ours, "redis-py in the stock layer", theirs, bound=bound)

    medians = {name: {kind: statistics.median(runs) for kind, runs in by.items()} for name, by in figures.items()}

    def sums(*names: str) -> list[float]:
        return [sum(medians[name][kind] for name in names) for kind in ("lean", "stock")]

    return [
        compared("published and heard under load", *sums(*UNDER_LOAD), bound=BOUND),
        compared("published and heard alone", *sums(*ALONE)),
        *(compared(name, by["lean"], by["stock"]) for name, by in medians.items()),
    ]


def measure(short: bool) -> list[Row]:
    return rows(measured(SHORT if short else FULL))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--short", action="store_true", help="fewer and shorter rounds")
    arguments.add_argument("--json", type=Path, help="where the figures go")
    arguments.add_argument("--send", nargs=3, metavar=("URL", "COUNT", "BURST"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.send:
        url, count, burst = chosen.send
        send(url, int(count), int(burst))
        return
    figures = measured(SHORT if chosen.short else FULL)
    for name, by in figures.items():
        for kind, runs in by.items():
            print(f"{name:32} {kind:6} {statistics.median(runs):7.1f} µs ({min(runs):.1f} to {max(runs):.1f})")
    for each in rows(figures):
        print(f"{each['name']:72} {each['ratio']:.2f}", {None: "", True: "met", False: "NOT MET"}[each["met"]])
    if chosen.json:
        chosen.json.write_text(json.dumps({"results": rows(figures), "raw": figures}, indent=2))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abdre.settings.all_in_one")
    main()
