"""What is broken while everybody talks: each drill prepares the house, strikes once, and leaves it whole."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from deploy.ci.stack import Role
from deploy.tests.faults.house import House
from deploy.tests.faults.load import Crowd
from deploy.tests.faults.proxy import Proxy

DYING = ["deploy.tests.faults.dying"]
# So that it happens a few seconds after everybody began to talk.
DIES_AT_BATCH = (60, 160)
DIES_WITHIN_S = 60
CUTS = 500
CUTS_PER_S = 30


@dataclass(frozen=True)
class Scene:
    house: House
    chance: random.Random
    outage_s: float  # of Redis, and of the network to it


Strike = Callable[[Crowd], Awaitable[None]]
Drill = Callable[[Scene], AbstractAsyncContextManager[Strike]]


@asynccontextmanager
async def kill_realtime(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of a realtime process, which is started again."""
    yield lambda crowd: _kill(scene, scene.chance.choice(scene.house.realtime))


@asynccontextmanager
async def kill_chat(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of chat, which is started again."""
    yield lambda crowd: _kill(scene, scene.house.chat)


async def _kill(scene: Scene, role: Role) -> None:
    await scene.house.kill(role)
    await asyncio.sleep(scene.chance.uniform(0, 2))
    await scene.house.start_again(role)


@asynccontextmanager
async def realtime_dies_unpublished(scene: Scene) -> AsyncIterator[Strike]:
    """A realtime process kills itself between a commit and its publishing."""
    role = scene.chance.choice(scene.house.realtime)
    await _let_die(scene, role)
    yield lambda crowd: _found_dead(scene, role)


@asynccontextmanager
async def chat_dies_unpublished(scene: Scene) -> AsyncIterator[Strike]:
    """chat kills itself between a commit and its publishing."""
    await _let_die(scene, scene.house.chat)
    yield lambda crowd: _found_dead(scene, scene.house.chat)


async def _let_die(scene: Scene, role: Role) -> None:
    batch = scene.chance.randrange(*DIES_AT_BATCH)
    await scene.house.restart_as(role, wrapper=DYING, DIES_AT_BATCH=str(batch))


async def _found_dead(scene: Scene, role: Role) -> None:
    async with asyncio.timeout(DIES_WITHIN_S):
        while not role.has_ended():
            await asyncio.sleep(0.05)
    role.wrapper = []
    await scene.house.kill(role)  # it is dead; this forgets it
    await scene.house.start_again(role)


@asynccontextmanager
async def redis_flushed(scene: Scene) -> AsyncIterator[Strike]:
    """FLUSHALL, three times."""

    async def strike(crowd: Crowd) -> None:
        for _ in range(3):
            await scene.house.flush_redis()
            await asyncio.sleep(scene.chance.uniform(0.5, 2))

    yield strike


@asynccontextmanager
async def redis_stopped(scene: Scene) -> AsyncIterator[Strike]:
    """Redis is stopped for 20 s."""

    async def strike(crowd: Crowd) -> None:
        await scene.house.stop_redis()
        await asyncio.sleep(scene.outage_s)
        await scene.house.start_redis()

    yield strike


@asynccontextmanager
async def postgres_crashed(scene: Scene) -> AsyncIterator[Strike]:
    """PostgreSQL ends at once (stop -m immediate) and recovers."""

    async def strike(crowd: Crowd) -> None:
        await scene.house.crash_postgres()
        await asyncio.sleep(scene.chance.uniform(0, 2))
        await scene.house.start_postgres()

    yield strike


@asynccontextmanager
async def partition(scene: Scene) -> AsyncIterator[Strike]:
    """Between one realtime process and Redis nothing passes for 20 s; then all of it, or the connections are dead."""
    role = scene.chance.choice(scene.house.realtime)
    connections_survive = scene.chance.random() < 0.5
    async with Proxy(scene.house.redis.port) as proxy:

        async def strike(crowd: Crowd) -> None:
            proxy.blackhole()
            await asyncio.sleep(scene.outage_s)
            if not connections_survive:
                proxy.reset()
            proxy.heal()

        await scene.house.restart_as(role, REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0")
        yield strike
        await scene.house.restart_as(role, REDIS_URL=scene.house.redis.url)


@asynccontextmanager
async def clients_cut(scene: Scene) -> AsyncIterator[Strike]:
    """Clients lose their lines, 500 times in all, and resume."""

    async def strike(crowd: Crowd) -> None:
        clock = asyncio.get_running_loop().time
        began, done = clock(), 0
        while done < CUTS:
            due = min(int((clock() - began) * CUTS_PER_S) + 1, CUTS)
            online = [client for client in crowd.clients if client.is_calm]
            for client in scene.chance.sample(online, min(due - done, len(online))):
                client.cut()
                done += 1
            await asyncio.sleep(1 / CUTS_PER_S)

    yield strike


DRILLS: dict[str, Drill] = {
    "realtime-killed": kill_realtime,
    "realtime-dies-unpublished": realtime_dies_unpublished,
    "chat-killed": kill_chat,
    "chat-dies-unpublished": chat_dies_unpublished,
    "redis-flushed": redis_flushed,
    "redis-stopped": redis_stopped,
    "postgres-crashed": postgres_crashed,
    "partition": partition,
    "clients-cut": clients_cut,
}
