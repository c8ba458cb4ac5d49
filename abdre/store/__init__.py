"""Short-lived facts that several processes share: marks, counters, presence. Never the only copy of anything."""

from functools import cache
from typing import NamedTuple, Protocol, cast

from django.conf import settings
from django.utils.functional import SimpleLazyObject


class StoreAway(Exception):
    """The store does not answer; the caller knows what to do without it."""


class Hit(NamedTuple):
    """How often something was counted in its window, this time included, and seconds until the window ends."""

    times: int
    left_s: int


class Store(Protocol):
    def put(self, key: str, value: str, *, ttl_s: float) -> None: ...
    def add(self, key: str, value: str, *, ttl_s: float) -> None:
        """As `put`, unless there is something already."""
        ...

    def put_many(self, values: dict[str, str], *, ttl_s: float) -> None: ...
    def get(self, key: str) -> str | None: ...
    def get_many(self, keys: list[str]) -> list[str | None]: ...
    def delete(self, key: str) -> None: ...
    def delete_many(self, keys: list[str]) -> None: ...
    def hit(self, key: str, *, window_s: int) -> Hit: ...
    def increase(self, amounts: dict[str, int], *, ttl_s: float) -> None:
        """Add to numbers that several processes share; one that is not there is 0. Each lives `ttl_s` from now.

        Their keys begin with the same word in braces, `{tally}:…`, which puts all of them on one node of a cluster.
        """
        ...

    def ping(self) -> None: ...


@cache
def _store() -> Store:
    if settings.REDIS_URL:
        from abdre.store.redis import RedisStore

        return RedisStore(settings.REDIS_URL)
    from abdre.store.memory import MemoryStore

    return MemoryStore()


store: Store = cast(Store, SimpleLazyObject(_store))
