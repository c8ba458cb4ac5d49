"""What the server says: items, encoded once, and frames, which are JSON arrays of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from abdre.errors import AppError
from realtime_svc.protocol.limits import HEARTBEAT_S

# Losing one costs nobody anything: the next one says it again.
DROPPABLE = frozenset({"typing.started", "presence.changed"})


class Item:
    """One event as text. Every socket of the process that hears it writes this same text."""

    __slots__ = ("_frame", "droppable", "size", "text")

    def __init__(self, text: str, size: int, *, droppable: bool = False) -> None:
        self.text = text
        self.size = size  # bytes on the wire
        self.droppable = droppable
        self._frame = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Item":
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        return cls(text, len(text.encode()), droppable=event["type"] in DROPPABLE)

    @classmethod
    def encoded(cls, kind: str, data: bytes) -> "Item":
        """From bytes that another process encoded."""
        return cls(data.decode(), len(data), droppable=kind in DROPPABLE)

    @property
    def frame(self) -> str:
        """The frame that holds this item alone; the usual one, so it is made once for all sockets."""
        if not self._frame:
            self._frame = f"[{self.text}]"
        return self._frame


def joined(items: Sequence[Item]) -> str:
    return items[0].frame if len(items) == 1 else "[" + ",".join(item.text for item in items) + "]"


def hello(*, user: Mapping[str, Any], chats: Mapping[str, int], session: str) -> Item:
    return Item.of({"type": "hello", "user": user, "chats": chats, "heartbeat_s": HEARTBEAT_S, "session": session})


def ack(ref: str, **facts: object) -> Item:
    return Item.of({"type": "ack", "ref": ref, **facts})


def pong(ref: str | None) -> Item:
    return Item.of({"type": "pong"} if ref is None else {"type": "pong", "ref": ref})


def error(ref: str | None, refusal: AppError) -> Item:
    body: dict[str, Any] = {"type": "error", "ref": ref, "code": refusal.code, "message": refusal.text}
    if refusal.fields:
        body["fields"] = refusal.fields
    if refusal.retry_after_s is not None:
        body["retry_after_s"] = refusal.retry_after_s
    return Item.of(body)


def reset(chat: str, version: int) -> Item:
    """Drop what you hold of this chat and load it anew; live events go on after `version`."""
    return Item.of({"type": "reset", "chat": chat, "version": version})


def heads(versions: Mapping[str, int]) -> Item:
    return Item.of({"type": "heads", "chats": versions})


def chat_removed(chat: str, reason: str) -> Item:
    return Item.of({"type": "chat.removed", "chat": chat, "reason": reason})
