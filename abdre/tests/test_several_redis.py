"""The store and the layer behind sentinels, and on a cluster: also when a master is killed."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

from abdre.layers import LeanPubSubLayer
from abdre.redis_connection import Connection
from abdre.redis_places import SentinelsMaster
from abdre.redis_topology import RedisTopology
from abdre.settings.channel_layer import layer_over
from abdre.store import StoreAway
from abdre.store.redis import RedisStore
from deploy.ci.cluster.redis_nodes import Cluster, Node, Sentinels

WITHIN_S = 20.0
LAYERS = {"lean": LeanPubSubLayer, "stock": RedisPubSubChannelLayer}
FAILURES = (OSError, RedisError)

pytestmark = pytest.mark.postgres  # it needs redis-server, as that run does


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Sentinels]:
    with Sentinels() as servers:
        yield servers


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(has_replicas=False) as servers:
        yield servers


Make = Callable[..., Any]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    before = asyncio.all_tasks()
    made: list[Any] = []

    def layer(url: str, kind: str = "lean") -> Any:
        made.append(LAYERS[kind](**layer_over(url, kind)["CONFIG"]))
        return made[-1]

    yield layer
    for each in made:
        asked = [client for shard in each._get_layer()._shards for client in sentinels_of(shard)]
        await each.flush()
        for client in asked:
            await client.aclose()
    assert asyncio.all_tasks() - before == {asyncio.current_task()}


def sentinels_of(shard: Any) -> list[Any]:
    """redis-py's clients, which channels-redis keeps for as long as the process runs."""
    pool = getattr(getattr(shard, "_redis", None), "connection_pool", None)
    manager = getattr(pool, "sentinel_manager", None)
    return list(manager.sentinels) if manager is not None else []


async def member(layer: Any, group: str) -> str:
    channel: str = await asyncio.wait_for(layer.new_channel(), WITHIN_S)
    await asyncio.wait_for(layer.group_add(group, channel), WITHIN_S)
    return channel


async def numbers(layer: Any, channel: str, count: int) -> list[int]:
    return [(await asyncio.wait_for(layer.receive(channel), WITHIN_S))["n"] for _ in range(count)]


async def until_heard(sender: Any, receiver: Any, channel: str) -> None:
    hearing = asyncio.ensure_future(receiver.receive(channel))
    async with asyncio.timeout(WITHIN_S):
        while not hearing.done():
            with suppress(*FAILURES):
                await asyncio.wait_for(sender.group_send("chat.x", {"n": -1}), 2)
            await asyncio.wait({hearing}, timeout=0.05)


def until_it_keeps(store: RedisStore) -> None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            store.put("test:after", "1", ttl_s=30)
        except StoreAway:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def keeps_what_it_promises(store: RedisStore) -> None:
    names = [f"test:{n}" for n in range(20)]
    store.put_many({name: name for name in names}, ttl_s=30)
    store.add(names[0], "other", ttl_s=30)

    assert store.get_many([*names, "test:none"]) == [*names, None]
    assert [store.hit("test:window", window_s=30).times for _ in range(3)] == [1, 2, 3]
    store.increase({"{test}:cups": 2, "{test}:pots": 1}, ttl_s=30)
    store.increase({"{test}:cups": 3}, ttl_s=30)
    assert store.get_many(["{test}:cups", "{test}:pots"]) == ["5", "1"]
    store.delete_many(names)
    assert store.get_many(names) == [None] * len(names)
    store.ping()


def test_a_store_behind_sentinels_keeps_what_it_promises(sentinels: Sentinels):
    keeps_what_it_promises(RedisStore(sentinels.url))


def test_a_store_on_a_cluster_keeps_what_it_promises(cluster: Cluster):
    keeps_what_it_promises(RedisStore(cluster.url))


async def test_on_a_cluster_a_group_hears_in_order_whichever_nodes_serve_it(make: Make, cluster: Cluster):
    pairs = [(make(sends.url), make(hears.url)) for sends in each(cluster) for hears in each(cluster)]

    for pair, (sender, receiver) in enumerate(pairs):
        channel = await member(receiver, f"chat.{pair}")
        for n in range(20):
            await sender.group_send(f"chat.{pair}", {"n": n})

        assert await numbers(receiver, channel, 20) == list(range(20))


def each(cluster: Cluster) -> list["OneOf"]:
    return [OneOf(node) for node in cluster.nodes]


class OneOf:
    def __init__(self, node: Node) -> None:
        self.url = f"redis+cluster://127.0.0.1:{node.port}"


async def test_a_replica_that_is_taken_for_the_master_is_left_again(sentinels: Sentinels):
    """As a sentinel may say that has not heard the news yet."""
    replica = next(node for node in sentinels.nodes if not node.is_master)
    ended = asyncio.Event()
    place = SentinelsMaster(RedisTopology.parse(sentinels.url))

    async def find_the_replica() -> Any:
        found = await SentinelsMaster.find(place)
        return type(found)(host=found.host, port=replica.port)

    place.find = find_the_replica  # type: ignore[method-assign]
    connection = Connection(place, on_end=lambda _: ended.set())
    published = connection.call(b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nx\r\n$1\r\ny\r\n", replies=1)

    await asyncio.wait_for(ended.wait(), WITHIN_S)

    with pytest.raises(ConnectionError):
        await published
    await connection.close()


async def test_when_a_node_of_a_cluster_dies_the_layer_goes_to_another(make: Make, cluster: Cluster):
    dies = cluster.nodes[1]
    sender, receiver = make(cluster.url), make(cluster.url)
    channel = await member(receiver, "chat.x")
    try:
        dies.halt(signal.SIGKILL)

        await until_heard(sender, receiver, channel)
        for _ in range(4):  # wherever they begin to look
            await until_heard(make(cluster.url), receiver, channel)
    finally:
        dies.start_again()


async def test_when_the_master_dies_the_store_and_both_layers_follow_the_sentinels(make: Make, sentinels: Sentinels):
    store = RedisStore(sentinels.url)
    store.put("test:before", "1", ttl_s=30)
    pairs = [(make(sentinels.url, kind), make(sentinels.url, kind)) for kind in LAYERS]
    channels = [await member(receiver, "chat.x") for _, receiver in pairs]
    for (sender, receiver), channel in zip(pairs, channels, strict=True):
        await until_heard(sender, receiver, channel)
    former = sentinels.master

    former.halt(signal.SIGKILL)

    await asyncio.to_thread(until_it_keeps, store)
    assert sentinels.master != former
    for (sender, receiver), channel in zip(pairs, channels, strict=True):
        await until_heard(sender, receiver, channel)
