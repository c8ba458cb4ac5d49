"""What the server says: items, each encoded once."""

from collections.abc import Mapping
from typing import Any

from abdre.errors import AppError, count_refusal
from abdre.events import encode
from abdre.wire import utc
from realtime_svc.protocol.limits import HEARTBEAT_S

# Losing one costs nobody anything: the next one says it again.
DROPPABLE = frozenset({"typing.started", "presence.changed"})


class Item:
    """One event, encoded. Every socket of the process that hears it is written these same bytes."""

    __slots__ = ("data", "droppable", "size")

    def __init__(self, data: bytes, *, droppable: bool = False) -> None:
        self.data = data
        self.size = len(data)
        self.droppable = droppable

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Item":
        return cls(encode(event), droppable=event["type"] in DROPPABLE)

    @classmethod
    def encoded(cls, kind: str, data: bytes) -> "Item":
        """From bytes that another process encoded."""
        return cls(data, droppable=kind in DROPPABLE)


def hello(*, user: Mapping[str, Any], chats: Mapping[str, int], session: str) -> Item:
    return Item.of({"type": "hello", "user": user, "chats": chats, "heartbeat_s": HEARTBEAT_S, "session": session})


def ack(ref: str, **facts: object) -> Item:
    return Item.of({"type": "ack", "ref": ref, **facts})


def held(ref: str, message: Mapping[str, Any]) -> Item:
    """In place of the ack: it is kept, and not said before somebody lets it through."""
    return Item.of({"type": "message.held", "ref": ref, "chat": message["chat"], "held": message})


def pong(ref: str | None) -> Item:
    return Item.of({"type": "pong"} if ref is None else {"type": "pong", "ref": ref})


def error(ref: str | None, refusal: AppError) -> Item:
    count_refusal(refusal)
    body: dict[str, Any] = {"type": "error", "ref": ref, "code": refusal.code, "message": refusal.text}
    if refusal.fields:
        body["fields"] = refusal.fields
    if refusal.retry_after_s is not None:
        body["retry_after_s"] = refusal.retry_after_s
    if refusal.until is not None:
        body["until"] = utc(refusal.until)
    return Item.of(body)


def going_away(retry_after_s: float) -> Item:
    return Item.of({"type": "going_away", "retry_after_s": round(retry_after_s, 1)})


def reset(chat: str, version: int) -> Item:
    """Drop what you hold of this chat and load it anew; live events go on after `version`."""
    return Item.of({"type": "reset", "chat": chat, "version": version})


def heads(versions: Mapping[str, int]) -> Item:
    return Item.of({"type": "heads", "chats": versions})


def chat_removed(chat: str, reason: str) -> Item:
    return Item.of({"type": "chat.removed", "chat": chat, "reason": reason})
