"""What changed since a version: rows in their present state, so edits, deletions and members come too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from abdre.db import snapshot
from chat_svc.events import (
    chat_changed,
    chat_removed,
    membership_changed,
    message_changed,
    message_created,
    message_json,
)
from chat_svc.models import Chat, Membership, Message
from chat_svc.selectors.chats import heads_of, membership_or_refusal

CHAT_LIMIT = 500
CALL_LIMIT = 5_000


@dataclass(frozen=True)
class Changes:
    """Events of one chat in version order; `version` is the cursor after them. `reset`: begin anew instead."""

    items: list[dict[str, Any]]
    version: int
    reset: bool = False
    is_cut: bool = False  # by the limit: there is more after `version`


@dataclass(frozen=True)
class Resumed:
    """`items`: per chat in version order; `heads`: the cursors after them; `resets`: chats to begin anew."""

    items: list[dict[str, Any]] = field(default_factory=list)
    heads: dict[UUID, int] = field(default_factory=dict)
    resets: list[UUID] = field(default_factory=list)


def changes(*, chat_id: UUID, user_id: UUID, since: int, limit: int = CHAT_LIMIT) -> Changes:
    """Raises ChatNotFound."""
    with snapshot():
        membership_or_refusal(chat_id, user_id)
        return _changes(chat_id, since, limit)


def room_changes(*, chat_id: UUID, since: int, limit: int = CHAT_LIMIT) -> Changes:
    """The same without a reader: the hub fills holes by it, for people whose membership it knows."""
    with snapshot():
        return _changes(chat_id, since, limit)


def resume(*, user_id: UUID, cursors: Mapping[UUID, int]) -> Resumed:
    """Everything newer than the person's cursors, or `reset` beyond 500 items a chat or 5,000 in all.

    A chat that is not theirs is answered like one that never was: removed.
    """
    resumed = Resumed()
    with snapshot():
        current = heads_of(user_id)
        for chat_id, since in cursors.items():
            if chat_id not in current:
                resumed.items.append(dict(chat_removed(chat_id, "removed")))
            else:
                _resume_chat(resumed, chat_id, since, current[chat_id])
    return resumed


def _resume_chat(resumed: Resumed, chat_id: UUID, since: int, head: int) -> None:
    resumed.heads[chat_id] = head
    if since == head:
        return
    # Not read past what the call still holds: many chats far behind cost one another nothing.
    room = min(CHAT_LIMIT, CALL_LIMIT - len(resumed.items))
    if room < 1:
        resumed.resets.append(chat_id)
        return
    found = _changes(chat_id, since, room)
    if found.reset or found.is_cut:
        resumed.resets.append(chat_id)
    else:
        resumed.items.extend(found.items)


def _changes(chat_id: UUID, since: int, limit: int) -> Changes:
    chat = Chat.objects.filter(id=chat_id).first()
    if chat is None:
        return Changes([], 0, reset=True)
    if since > chat.version:
        return Changes([], chat.version, reset=True)
    newer = [
        *_message_events(chat_id, since, limit),
        *_membership_events(chat_id, since, limit),
        *([dict(chat_changed(chat))] if chat.own_version > since else []),
    ]
    newer.sort(key=lambda event: int(event["version"]))
    if len(newer) > limit:
        return Changes(newer[:limit], int(newer[limit - 1]["version"]), is_cut=True)
    return Changes(newer, chat.version)


def _message_events(chat_id: UUID, since: int, limit: int) -> list[dict[str, Any]]:
    newer = Message.objects.filter(chat_id=chat_id, version__gt=since).select_related("sender").order_by("version")
    return [dict(_message_event(message)) for message in newer[: limit + 1]]


def _message_event(message: Message) -> Mapping[str, Any]:
    untouched = message.edited_at is None and message.deleted_at is None
    return (message_created if untouched else message_changed)(message_json(message))


def _membership_events(chat_id: UUID, since: int, limit: int) -> list[dict[str, Any]]:
    newer = Membership.objects.filter(chat_id=chat_id, version__gt=since).select_related("user").order_by("version")
    return [dict(membership_changed(membership)) for membership in newer[: limit + 1]]
