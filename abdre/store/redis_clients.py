"""redis-py's client of whatever REDIS_URL names. None of them tries anything again: the store knows when to."""

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from abdre.redis_topology import Kind, RedisTopology, client_options

# But once in a cluster, where the first failure is how a client hears that a key has moved.
CLUSTER_RETRIES = 1


def client_of(url: str, topology: RedisTopology, *, timeout_s: float) -> Any:
    timeouts = {"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s}
    options: dict[str, Any] = {"decode_responses": True, **timeouts}
    if topology.kind == Kind.SENTINEL:
        return _of_sentinel(topology, options)
    if topology.kind == Kind.CLUSTER:
        nodes: list[Any] = [ClusterNode(one.host, one.port) for one in topology.nodes]  # type: ignore[no-untyped-call]
        retry = Retry(NoBackoff(), CLUSTER_RETRIES)
        return RedisCluster(startup_nodes=nodes, retry=retry, **client_options(topology.nodes[0]), **options)
    return redis.Redis.from_url(url, **options)


def _of_sentinel(topology: RedisTopology, options: dict[str, Any]) -> Any:
    """Each connection asks the sentinels where it leads."""
    options = {**options, "retry": Retry(NoBackoff(), 0)}
    asking = {**client_options(topology.nodes[0]), **options}
    sentinels: Any = Sentinel([(one.host, one.port) for one in topology.nodes], sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    return sentinels.master_for(topology.master_name, **client_options(topology.master), **options)
