"""How long a message takes while Redis is stopped: to its ack, and to somebody at the other realtime process."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from deploy.tests.people import Socket, Town, is_message

PAUSE_S = (0.0, 1.5)  # between them, so that they meet the looks at the database at any phase


@dataclass(frozen=True)
class Figures:
    """Seconds from the sending of each message."""

    acked_s: list[float]
    arrived_s: list[float]


async def without_redis(
    town: Town, doors: Sequence[str], *, stop: Callable[[], Awaitable[None]], chance: random.Random, messages: int
) -> Figures:
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    bob = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    at_ada, at_bob = await town.socket(ada, doors[0]), await town.socket(bob, doors[-1])
    await at_ada.send(chat, "with Redis")
    await at_bob.heard("with Redis")

    await stop()
    figures = Figures([], [])
    for number in range(messages):
        body = f"without {number}"
        began = monotonic()
        arriving = asyncio.create_task(arrival(at_bob, body))
        await at_ada.send(chat, body)
        figures.acked_s.append(monotonic() - began)
        figures.arrived_s.append(await arriving - began)
        await asyncio.sleep(chance.uniform(*PAUSE_S))
    return figures


async def arrival(socket: Socket, body: str) -> float:
    await socket.wait_for(lambda item: is_message(item) and item["message"]["body"] == body)
    return monotonic()
