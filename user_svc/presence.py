"""Who is there: a mark in the store per person, kept fresh by whoever holds their sockets."""

from collections.abc import Iterable
from uuid import UUID

from abdre.store import StoreAway, store

# Two beats of 25 s fit in, so that one lost beat does not show the person as gone.
PRESENCE_TTL_S = 60


def _key(user_id: UUID) -> str:
    return f"presence:{user_id}"


def beat(user_ids: Iterable[UUID]) -> None:
    """Say that these people are there, in one round trip. Raises StoreAway."""
    store.put_many({_key(user_id): "1" for user_id in user_ids}, ttl_s=PRESENCE_TTL_S)


def gone(user_ids: Iterable[UUID]) -> None:
    """Raises StoreAway."""
    for user_id in user_ids:
        store.delete(_key(user_id))


def online(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who are there; nobody while the store is away (presence is never worth an error)."""
    asked = list(user_ids)
    try:
        marks = store.get_many([_key(user_id) for user_id in asked])
    except StoreAway:
        return set()
    return {user_id for user_id, mark in zip(asked, marks, strict=True) if mark}
