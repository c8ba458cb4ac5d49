"""Drills of the house beyond one machine: PgBouncer, a primary that moves, Redis by Sentinel or as a cluster."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from deploy.ci.cluster.patroni import Member, Patroni
from deploy.ci.cluster.pgbouncer import PgBouncer
from deploy.ci.cluster.redis_nodes import Cluster, Node, Sentinels, until
from deploy.ci.servers import Server
from deploy.ci.stack import Process, Stack, answers
from deploy.tests.faults.drills import Drill, Scene, Strike
from deploy.tests.faults.house import House, by_hand
from deploy.tests.faults.load import Crowd

WHOLE_WITHIN_S = 60.0
CALM_S = 2.0  # so long everybody is ready before we believe it
DOWN_S = (0.0, 2.0)


class BeyondHouse(House):
    """One PgBouncer beside each PostgreSQL; the roles know both, and the sentinels or the cluster, and read from the
    replica what it has."""

    def __init__(self, several: Callable[[], Sentinels | Cluster] = Sentinels) -> None:
        super().__init__()
        self._several = several

    def _start(self) -> None:
        enter = self._belongings.enter_context
        self.patroni = enter(Patroni())
        self.redis_nodes = enter(self._several())
        words = {"services": secrets.token_urlsafe(24)}
        self.bouncers = [enter(PgBouncer(member.port, passwords=words)) for member in self.patroni.members]
        owner = self.patroni.create_database("abdre")
        hosts = ",".join(f"127.0.0.1:{bouncer.port}" for bouncer in self.bouncers)
        environment = {
            **self._environment,
            "DATABASE_URL": f"postgresql://services:{words['services']}@{hosts}/abdre",
            "ABDRE_DATABASE_PGBOUNCER": "true",
            "ABDRE_DATABASE_REPLICA_URL": f"postgresql://services:{words['services']}@{hosts}/abdre",
            "REDIS_URL": self.redis_nodes.url,
        }
        stack = self.make_stack(environment)
        stack.owner["ABDRE_MIGRATION_DATABASE_URL"] = owner
        self.stack = enter(stack)

    def keep_logs(self, folder: Path) -> None:
        super().keep_logs(folder)
        servers: list[Server] = [*self.patroni.members, *self.bouncers, *self.redis_nodes.nodes]
        for server in servers:
            (folder / f"{server.name}-{server.port}.log").write_bytes(server.log.read_bytes())

    async def whole_again(self, struck_at: float) -> None:
        """Says how long it took until every role was ready, and stayed so for a moment."""
        ready_since = None
        while ready_since is None or monotonic() - ready_since < CALM_S:
            if monotonic() - struck_at > WHOLE_WITHIN_S:
                raise TimeoutError(f"not whole within {WHOLE_WITHIN_S} s")
            is_ready = await asyncio.to_thread(all_ready, self.stack)
            ready_since = (ready_since or monotonic()) if is_ready else None
            await asyncio.sleep(0.05)
        print(f"{'':26} every role ready {ready_since - struck_at:.1f} s after it", flush=True)


def all_ready(stack: Stack) -> bool:
    return all(answers(f"{role.url}/readyz") for role in stack.roles if isinstance(role, Process))


def house_of(scene: Scene) -> BeyondHouse:
    assert isinstance(scene.house, BeyondHouse)
    return scene.house


@asynccontextmanager
async def primary_killed(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of the primary and its Patroni; the synchronous replica is promoted, the other comes back as one."""
    house = house_of(scene)
    yield lambda crowd: _member_killed(house, lambda: house.patroni.primary)


@asynccontextmanager
async def replica_killed(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of the replica and its Patroni: commits wait until the primary may go on alone; nobody reads there."""
    house = house_of(scene)
    yield lambda crowd: _member_killed(house, lambda: house.patroni.replica)


async def _member_killed(house: BeyondHouse, pick: Callable[[], Member]) -> None:
    member = await by_hand(pick)
    struck_at = monotonic()
    await by_hand(member.kill)
    await house.whole_again(struck_at)
    await by_hand(member.start)
    await by_hand(partial(until, house.patroni.is_whole, WHOLE_WITHIN_S))


@asynccontextmanager
async def pgbouncer_restarted(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of the PgBouncer before the primary, which is started again."""
    house = house_of(scene)

    async def strike(crowd: Crowd) -> None:
        primary = await by_hand(lambda: house.patroni.primary)
        bouncer = house.bouncers[house.patroni.members.index(primary)]
        await _killed_and_back(house, scene, bouncer, bouncer.start)

    yield strike


@asynccontextmanager
async def redis_master_killed(scene: Scene) -> AsyncIterator[Strike]:
    """kill -9 of a Redis that is a master; another takes over, and it comes back as a replica."""
    house = house_of(scene)

    async def strike(crowd: Crowd) -> None:
        masters: list[Node] = await by_hand(lambda: [node for node in house.redis_nodes.nodes if node.is_master])
        struck_at = monotonic()
        master = scene.chance.choice(masters)
        await by_hand(master.halt, signal.SIGKILL)
        await house.whole_again(struck_at)
        await by_hand(master.start_again)
        await by_hand(partial(until, lambda: not master.is_master, WHOLE_WITHIN_S))

    yield strike


async def _killed_and_back(house: BeyondHouse, scene: Scene, server: Server, start: Callable[[], Any]) -> None:
    struck_at = monotonic()
    await by_hand(server.halt, signal.SIGKILL)
    await asyncio.sleep(scene.chance.uniform(*DOWN_S))
    await by_hand(start)
    await house.whole_again(struck_at)


BEYOND: dict[str, Drill] = {
    "beyond-primary-killed": primary_killed,
    "beyond-replica-killed": replica_killed,
    "beyond-pgbouncer-restarted": pgbouncer_restarted,
    "beyond-redis-master-killed": redis_master_killed,
    "beyond-cluster-master-killed": redis_master_killed,
}
HOUSES: dict[str, Callable[[], House]] = {
    **dict.fromkeys(BEYOND, BeyondHouse),
    "beyond-cluster-master-killed": partial(BeyondHouse, partial(Cluster, has_replicas=True)),
}
