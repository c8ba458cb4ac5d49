"""The store that processes share."""

import time
from typing import Any

import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from abdre import metrics
from abdre.store import Hit, StoreAway

# One round trip; the window starts with the first hit.
_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, math.max(redis.call('TTL', KEYS[1]), 1)}
"""
TIMEOUT_S = 0.5
# A Redis that hangs would cost every question its time-out, and a page asks several.
REST_S = 1.0


class RedisStore:
    """After a question without an answer it is left alone for a moment: everybody is told at once that it is away."""

    def __init__(self, url: str) -> None:
        self._rests_until = 0.0
        self._client: Any = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        self._hit = self._client.register_script(_HIT)

    def put(self, key: str, value: str, *, ttl_s: float) -> None:
        self._ask(self._client.set, key, value, px=int(ttl_s * 1000))

    def add(self, key: str, value: str, *, ttl_s: float) -> None:
        self._ask(self._client.set, key, value, px=int(ttl_s * 1000), nx=True)

    def put_many(self, values: dict[str, str], *, ttl_s: float) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for key, value in values.items():
            pipeline.set(key, value, px=int(ttl_s * 1000))
        self._ask(pipeline.execute)

    def get(self, key: str) -> str | None:
        value: str | None = self._ask(self._client.get, key)
        return value

    def get_many(self, keys: list[str]) -> list[str | None]:
        return list(self._ask(self._client.mget, keys)) if keys else []

    def delete(self, key: str) -> None:
        self.delete_many([key])

    def delete_many(self, keys: list[str]) -> None:
        if keys:
            self._ask(self._client.delete, *keys)

    def hit(self, key: str, *, window_s: int) -> Hit:
        return Hit(*self._ask(self._hit, keys=[key], args=[window_s]))

    def increase(self, amounts: dict[str, int], *, ttl_s: float) -> None:
        # As one transaction: after an answer that is lost the caller adds it all again, and half would be wrong twice.
        pipeline = self._client.pipeline(transaction=True)
        for key, amount in amounts.items():
            pipeline.incrby(key, amount)
            pipeline.pexpire(key, int(ttl_s * 1000))
        self._ask(pipeline.execute)

    def ping(self) -> None:
        self._ask(self._client.ping)

    def _ask(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        now = time.monotonic()
        if now < self._rests_until:
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway("no answer a moment ago")
        if self._rests_until:
            self._rests_until = now + TIMEOUT_S  # one asks for all
        try:
            answer = command(*args, **kwargs)
        except (RedisConnectionError, RedisTimeout) as problem:
            self._rests_until = time.monotonic() + REST_S
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway(str(problem)) from problem
        except RedisError as problem:
            metrics.STORE_REQUESTS.add(1, "away")
            raise StoreAway(str(problem)) from problem
        self._rests_until = 0.0
        metrics.STORE_REQUESTS.add(1, "ok")
        return answer
