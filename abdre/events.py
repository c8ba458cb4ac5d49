"""News from the services to whoever has a socket open: after the commit, encoded once, never waited for."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

Event = Mapping[str, Any]

# The server's own loop. A plain thread never wakes the in-memory layer, and a layer's connections belong to a loop.
_loop: asyncio.AbstractEventLoop | None = None


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    global _loop
    _loop = loop


def chat_group(chat_id: UUID | str) -> str:
    return f"chat.{chat_id}"


def user_group(user_id: UUID | str) -> str:
    return f"user.{user_id}"


def encode(event: Event) -> bytes:
    """The event as it goes over the wire, the same bytes for everybody."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def publish(group: str, *events: Event) -> None:
    """Tell `group` after the running transaction commits (at once outside of one)."""
    if events:
        message = envelope(group, events)
        transaction.on_commit(lambda: hand_over(group, message), robust=True)


def envelope(group: str, events: tuple[Event, ...]) -> dict[str, Any]:
    """What travels on the channel layer: `types`, `versions` (0 where there is none) and `items` side by side."""
    return {
        "type": "hub.events",
        "group": group,
        "types": [event["type"] for event in events],
        "versions": [event.get("version", 0) for event in events],
        "items": [encode(event) for event in events],
    }


def hand_over(group: str, message: dict[str, Any]) -> None:
    """Give the message to the layer. A loss is healed by versions, so it is logged and never raised."""
    loop = _loop
    if loop is None or loop.is_closed():
        _send_once(group, message)
        return
    sending = asyncio.run_coroutine_threadsafe(_layer().group_send(group, message), loop)
    sending.add_done_callback(_noted(group))


def _layer() -> Any:
    """Channels types the layer as optional; ours stands in the settings of every role."""
    return get_channel_layer()


def _send_once(group: str, message: dict[str, Any]) -> None:
    """From a command or a test, where no server loop runs."""
    try:
        async_to_sync(_layer().group_send)(group, message)
    except Exception:  # whatever a layer raises, the deed is committed and must not look failed
        log.warning("event not published", extra={"group": group}, exc_info=True)


def _noted(group: str) -> Callable[[Future[None]], None]:
    def note(sending: Future[None]) -> None:
        if not sending.cancelled() and sending.exception():
            log.warning("event not published", extra={"group": group}, exc_info=sending.exception())

    return note
