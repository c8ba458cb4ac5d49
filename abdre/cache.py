"""What pages ask again and again, kept for a moment where all processes find it. Never the only copy of anything.

A change that the store did not hear of, since it was away, shows after KEPT_S at the latest.
"""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction

from abdre.db import in_thread
from abdre.store import StoreAway, store

KEPT_S = 60.0
# Longer than asking may take: an answer from before a change is not kept after it.
CHANGED_S = 5.0
CHANGED = "null"


def own_card(user_id: UUID | str) -> str:
    """The key of what a page shows its visitor of themselves: their card, preferences and blocks."""
    return f"cache:own-card:{user_id}"


async def remembered(key: str, ask: Callable[[], Awaitable[dict[str, Any] | None]]) -> dict[str, Any] | None:
    """What is kept under `key`, else what `ask` answers, which is then kept; None is not."""
    kept = await in_thread(_get, key)
    if kept not in (None, CHANGED):
        answer: dict[str, Any] = json.loads(kept)
        return answer
    found = await ask()
    if found is not None and kept is None:
        await in_thread(_add, key, json.dumps(found))
    return found


def forget_changed(key: str) -> None:
    """After the commit: what is kept under `key` holds no longer, nor does an answer that is on its way."""
    transaction.on_commit(lambda: _put_changed(key), robust=True)


def _get(key: str) -> str | None:
    with suppress(StoreAway):
        return store.get(key)
    return CHANGED


def _add(key: str, value: str) -> None:
    with suppress(StoreAway):
        store.add(key, value, ttl_s=KEPT_S)


def _put_changed(key: str) -> None:
    with suppress(StoreAway):
        store.put(key, CHANGED, ttl_s=CHANGED_S)
