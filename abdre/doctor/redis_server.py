"""Redis: is it there, and does it keep what it was given?"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from redis.cluster import RedisCluster
from redis.exceptions import RedisError

from abdre.doctor.findings import Finding
from abdre.redis_topology import Kind, RedisTopology
from abdre.store.redis_clients import client_of

CHECK = "redis"
OLDEST = (6, 2)
WITHIN_S = 3


def look() -> Iterator[Finding]:
    """The server, the master that Sentinel names, or each node of a cluster."""
    try:
        topology = RedisTopology.parse(settings.REDIS_URL)
        with client_of(settings.REDIS_URL, topology, timeout_s=WITHIN_S) as client:
            if topology.kind == Kind.CLUSTER:
                for told in client.info(target_nodes=RedisCluster.ALL_NODES).values():
                    yield from _about(told)
            else:
                yield from _about(client.info())
    except (RedisError, OSError) as problem:
        said = " ".join(str(problem).split())
        yield Finding(CHECK, "wrong", f"No answer by REDIS_URL: {said}", "Start it, or put address and password right")


def _about(told: dict[str, Any]) -> Iterator[Finding]:
    version = str(told["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        yield Finding(CHECK, "wrong", f"Redis {version} is too old", "Use 6.2 or newer; 7 is what is tested")
    policy = str(told.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        yield Finding(
            CHECK,
            "wrong",
            f"maxmemory-policy is {policy}: when memory is short, limits and ended sessions are forgotten",
            "CONFIG SET maxmemory-policy noeviction, and in redis.conf",
        )
    if told.get("rdb_last_bgsave_status") == "err":
        yield Finding(
            CHECK,
            "wrong",
            "Redis cannot save to its disk, and then refuses writes",
            'Switch saving off: CONFIG SET save ""',
        )
    if told.get("aof_enabled"):
        yield Finding(CHECK, "note", "appendonly is on, and nothing in Redis is missed", "CONFIG SET appendonly no")
