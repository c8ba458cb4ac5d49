"""News from the services to whoever has a socket open: after the commit, encoded once, never waited for."""

import asyncio
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from abdre import metrics

log = logging.getLogger(__name__)

Event = Mapping[str, Any]

# A layer that hangs for longer is away.
SEND_WITHIN_S = 5.0
# For a layer that does not keep up; what comes beyond it is lost, as it is while the layer is away.
WAITING_LIMIT_BYTES = 64 * 1024 * 1024
# Given to the layer at once: what it refuses, it refuses whole.
GIVEN_LIMIT_BYTES = 4 * 1024 * 1024
# What Python adds to each message.
OVERHEAD_BYTES = 1024

# On the server's own loop: a plain thread never wakes the in-memory layer, and a layer's connections belong to a loop.
_outbound: "_Outbound | None" = None


def use_loop(loop: asyncio.AbstractEventLoop) -> "_Outbound":
    """From now on events go out on this loop, until it is closed."""
    global _outbound
    if _outbound is None or _outbound.loop is not loop:
        _outbound = _Outbound(loop)
    return _outbound


def chat_group(chat_id: UUID | str) -> str:
    return f"chat.{chat_id}"


def user_group(user_id: UUID | str) -> str:
    return f"user.{user_id}"


# Made once: `json.dumps` makes an encoder for each call that wants other than its own separators.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(event: Event) -> bytes:
    """The event as it goes over the wire, the same bytes for everybody."""
    return _json(event).encode()


def publish(group: str, *events: Event) -> None:
    """Tell `group` after the running transaction commits (at once outside of one)."""
    if events:
        message = envelope(group, events)
        transaction.on_commit(lambda: hand_over(group, message), robust=True)


def envelope(group: str, events: tuple[Event, ...]) -> dict[str, Any]:
    """What travels on the channel layer: `types`, `versions` (0 where there is none) and `items` side by side.

    With it goes `at`, when it was handed over after the commit (seconds since 1970), from who measures.
    """
    return {
        "type": "hub.events",
        "group": group,
        "types": [event["type"] for event in events],
        "versions": [event.get("version", 0) for event in events],
        "items": [encode(event) for event in events],
    }


def hand_over(group: str, message: dict[str, Any]) -> None:
    """Give the message to the layer. A loss is healed by versions, so it is logged and never raised."""
    hand_over_all([(group, message)])


def hand_over_all(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Give them to the layer in this order, after all that was handed over before. From any thread; never waits."""
    if metrics.is_on():
        now = time.time()
        for _, message in messages:
            message["at"] = now
    outbound = _outbound
    if outbound is None or outbound.loop.is_closed():
        try:
            outbound = use_loop(asyncio.get_running_loop())  # the caller's own
        except RuntimeError:
            _send_once(messages)
            return
    outbound.put(messages)


class _Outbound:
    """What waits for the loop. One batch is on its way; the next takes all that waits, as the writer does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self._lock = threading.Lock()
        self._bytes = 0  # of those that wait
        self._is_called = False
        self._sending: asyncio.Task[None] | None = None

    def put(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        size = sum(_size(message) for _, message in messages)
        with self._lock:
            if self._bytes + size > WAITING_LIMIT_BYTES:
                log.warning("events not published: too many wait", extra={"events": len(messages)})
                return
            self._waiting.extend(messages)
            self._bytes += size
        # Set before the call and cleared before the taking, so whoever finds it set will be taken along.
        if not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # closed at this very moment: the process ends
                self.loop.call_soon_threadsafe(self._start, context=Context())

    def _start(self) -> None:
        self._is_called = False
        if self._sending is None or self._sending.done():
            self._sending = self.loop.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            batch = self._take()
            try:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await _give(batch)
            except Exception:  # whatever a layer raises: what comes next must go out
                log.warning("event not published", extra={"groups": _first_groups(batch)}, exc_info=True)

    def _take(self) -> list[tuple[str, dict[str, Any]]]:
        """What waits, at least one; what comes meanwhile is the next batch's."""
        taken: list[tuple[str, dict[str, Any]]] = []
        size = 0
        with self._lock:
            while self._waiting and size < GIVEN_LIMIT_BYTES:
                taken.append(self._waiting.popleft())
                size += _size(taken[-1][1])
            self._bytes -= size
        return taken


def _size(message: Mapping[str, Any]) -> int:
    return OVERHEAD_BYTES + sum(map(len, message["items"]))


async def _give(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer = _layer()
    if hasattr(layer, "group_send_many"):
        await layer.group_send_many(messages)
        return
    for group, message in messages:
        await layer.group_send(group, message)


def _layer() -> Any:
    """Channels types the layer as optional; ours stands in the settings of every role."""
    return get_channel_layer()


def _send_once(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """From a command or a test, where no server loop runs."""
    try:
        async_to_sync(_give)(messages)
    except Exception:  # whatever a layer raises, the deed is committed and must not look failed
        log.warning("event not published", extra={"groups": _first_groups(messages)}, exc_info=True)


def _first_groups(messages: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """Some names for the log."""
    return [group for group, _ in messages[:10]]
