"""The channel layer over whatever REDIS_URL names."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from abdre.redis_topology import Kind, RedisTopology, client_options

PUBSUB_LAYERS = {"lean": "abdre.layers.LeanPubSubLayer", "stock": "channels_redis.pubsub.RedisPubSubChannelLayer"}


def layer_over(redis_url: str, kind: str) -> dict[str, Any]:
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}
    return {"BACKEND": PUBSUB_LAYERS[kind], "CONFIG": {"hosts": [_host(redis_url, kind)]}}


def _host(redis_url: str, kind: str) -> str | dict[str, Any]:
    if kind == "lean":
        return redis_url
    topology = RedisTopology.parse(redis_url)
    if topology.kind == Kind.CLUSTER:
        raise ImproperlyConfigured("ABDRE_CHANNEL_LAYER: stock knows no Redis Cluster (REDIS_URL); lean does")
    if topology.kind == Kind.SERVER:
        return redis_url
    if topology.master.is_encrypted:
        raise ImproperlyConfigured("ABDRE_CHANNEL_LAYER: stock asks sentinels in the open (REDIS_URL); lean need not")
    return {
        "master_name": topology.master_name,
        "sentinels": [(one.host, one.port) for one in topology.nodes],
        "sentinel_kwargs": client_options(topology.nodes[0]),
        **client_options(topology.master),
    }
