"""Where the layer's connections lead: asked anew for each, since a master moves and nodes die."""

import random
from dataclasses import replace
from itertools import cycle
from typing import Any, Protocol

from redis.exceptions import RedisError

from abdre.redis_address import RedisAddress
from abdre.redis_topology import Kind, RedisTopology, client_options

# A sentinel that hangs must leave time to ask the next, and to connect.
SENTINEL_TIMEOUT_S = 0.5


class Place(Protocol):
    # What is asked first of whoever answers there, and of its last word whether it is the right one.
    question: tuple[str, ...]

    async def find(self) -> RedisAddress:
        """Raises OSError, ValueError if a host's name is none."""
        ...

    def is_right(self, reply: object) -> bool: ...


def place_of(topology: RedisTopology) -> Place:
    if topology.kind == Kind.SENTINEL:
        return SentinelsMaster(topology)
    if topology.kind == Kind.CLUSTER:
        return ClusterNode(topology)
    return OneServer(topology.nodes[0])


class OneServer:
    question: tuple[str, ...] = ()

    def __init__(self, address: RedisAddress) -> None:
        self._address = address

    def __str__(self) -> str:
        return str(self._address)

    async def find(self) -> RedisAddress:
        return self._address

    def is_right(self, reply: object) -> bool:
        return True


class SentinelsMaster:
    """Sentinel closes the connections to a master that it makes a replica, so who is cut off asks again."""

    # What a sentinel says may be old news; and what is published to a replica reaches nobody but those at it.
    question: tuple[str, ...] = ("ROLE",)

    def __init__(self, topology: RedisTopology) -> None:
        self._topology = topology
        self._sentinels = list(topology.nodes)

    def __str__(self) -> str:
        return f"the sentinels' {self._topology.master_name}"

    async def find(self) -> RedisAddress:
        for sentinel in list(self._sentinels):
            try:
                found = await self._ask(sentinel)
            except (RedisError, OSError):
                continue
            if found is not None:
                self._sentinels.sort(key=lambda one: one != sentinel)  # who answers is asked first the next time
                return replace(self._topology.master, host=found[0], port=found[1])
        raise ConnectionError("no sentinel knows it")

    async def _ask(self, sentinel: RedisAddress) -> tuple[str, int] | None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        client = Redis(
            host=sentinel.host,
            port=sentinel.port,
            socket_timeout=SENTINEL_TIMEOUT_S,
            socket_connect_timeout=SENTINEL_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            **client_options(sentinel),
        )
        async with client:
            found: Any = await client.sentinel_get_master_addr_by_name(self._topology.master_name)
            return found and (str(found[0]), int(found[1]))

    def is_right(self, reply: object) -> bool:
        return isinstance(reply, list) and reply[0] == b"master"


class ClusterNode:
    """Any: each tells all others what is published at it. But not one that is cut off from most of the others."""

    question: tuple[str, ...] = ("CLUSTER", "NODES")

    def __init__(self, topology: RedisTopology) -> None:
        nodes = topology.nodes
        start = random.randrange(len(nodes))  # noqa: S311  # a spread, not a secret
        self._nodes = cycle([*nodes[start:], *nodes[:start]])
        self._names = ", ".join(map(str, nodes))

    def __str__(self) -> str:
        return f"the cluster of {self._names}"

    async def find(self) -> RedisAddress:
        return next(self._nodes)

    def is_right(self, reply: object) -> bool:
        return isinstance(reply, bytes) and sees_most(reply.decode())


def sees_most(nodes: str) -> bool:
    """Of the masters in an answer to CLUSTER NODES: id, address, flags, master, two times, epoch, link, slots."""
    masters = [words for line in nodes.splitlines() if "master" in (words := line.split())[2].split(",")]
    seen = [words for words in masters if not {"fail", "fail?", "noaddr", "handshake"} & set(words[2].split(","))]
    return 2 * len(seen) > len(masters)
