"""The store that processes share."""

import time
from collections.abc import Callable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from abdre import metrics
from abdre.redis_topology import Kind, RedisTopology
from abdre.store import Hit, StoreAway
from abdre.store.redis_clients import client_of

# One round trip; the window starts with the first hit.
_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, math.max(redis.call('TTL', KEYS[1]), 1)}
"""
TIMEOUT_S = 0.5
# A Redis that hangs would cost every question its time-out, and a page asks several.
REST_S = 1.0

Question = Callable[[Any], Any]


class RedisStore:
    """After a question without an answer it is left alone for a moment: everybody is told at once that it is away."""

    def __init__(self, url: str) -> None:
        self._rests_until = 0.0
        self._topology = RedisTopology.parse(url)
        self._url = url
        self._client: Any = None
        self._script: Any = None

    def put(self, key: str, value: str, *, ttl_s: float) -> None:
        self._ask(lambda redis: redis.set(key, value, px=int(ttl_s * 1000)))

    def add(self, key: str, value: str, *, ttl_s: float) -> None:
        self._ask(lambda redis: redis.set(key, value, px=int(ttl_s * 1000), nx=True))

    def put_many(self, values: dict[str, str], *, ttl_s: float) -> None:
        def put(redis: Any) -> None:
            pipeline = redis.pipeline(transaction=False)
            for key, value in values.items():
                pipeline.set(key, value, px=int(ttl_s * 1000))
            pipeline.execute()

        self._ask(put)

    def get(self, key: str) -> str | None:
        value: str | None = self._ask(lambda redis: redis.get(key))
        return value

    def get_many(self, keys: list[str]) -> list[str | None]:
        if not keys:
            return []
        if self._topology.kind == Kind.CLUSTER:  # one question to each node that has some of them
            return list(self._ask(lambda redis: redis.mget_nonatomic(keys)))
        return list(self._ask(lambda redis: redis.mget(keys)))

    def delete(self, key: str) -> None:
        self.delete_many([key])

    def delete_many(self, keys: list[str]) -> None:
        if keys:
            self._ask(lambda redis: redis.delete(*keys))

    def hit(self, key: str, *, window_s: int) -> Hit:
        def hit(redis: Any) -> list[int]:
            self._script = self._script or redis.register_script(_HIT)
            return list(self._script(keys=[key], args=[window_s]))

        return Hit(*self._ask(hit))

    def increase(self, amounts: dict[str, int], *, ttl_s: float) -> None:
        def increase(redis: Any) -> None:
            # As one transaction: after an answer that is lost the caller adds it all again, and half would be wrong
            # twice.
            pipeline = redis.pipeline(transaction=True)
            for key, amount in amounts.items():
                pipeline.incrby(key, amount)
                pipeline.pexpire(key, int(ttl_s * 1000))
            pipeline.execute()

        self._ask(increase)

    def ping(self) -> None:
        if self._topology.kind == Kind.CLUSTER:  # a cluster that lacks one node of six is well
            self._ask(_ask_the_cluster)
        else:
            self._ask(lambda redis: redis.ping())

    def _ask(self, question: Question) -> Any:
        now = time.monotonic()
        if now < self._rests_until:
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway("no answer a moment ago")
        if self._rests_until:
            self._rests_until = now + TIMEOUT_S  # one asks for all
        try:
            if self._client is None:  # a cluster's looks for the nodes when it is made
                self._client = client_of(self._url, self._topology, timeout_s=TIMEOUT_S)
            answer = question(self._client)
        except (RedisConnectionError, RedisTimeout, RedisClusterException) as problem:
            self._rests_until = time.monotonic() + REST_S
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway(str(problem)) from problem
        except RedisError as problem:
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway(str(problem)) from problem
        self._rests_until = 0.0
        metrics.STORE_REQUESTS.add(1, "ok")
        return answer


def _ask_the_cluster(redis: Any) -> None:
    state = redis.cluster_info(target_nodes=redis.RANDOM)["cluster_state"]
    if state != "ok":
        raise RedisConnectionError(f"the cluster's state is {state}")
