"""What changed since a version: rows in their present state, so edits, deletions and members come too."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from abdre.db import snapshot
from chat_svc.events import chat_changed, membership_changed, message_in_its_state, message_json
from chat_svc.models import Chat, Membership, Message, in_one_era
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable_from

CHAT_LIMIT = 500


@dataclass(frozen=True)
class Changes:
    """Events of one chat in version order; `version` is the cursor after them. `reset`: begin anew instead."""

    items: list[dict[str, Any]]
    version: int
    reset: bool = False
    is_cut: bool = False  # by the limit: there is more after `version`


def changes(*, chat_id: UUID, user_id: UUID, since: int, limit: int = CHAT_LIMIT) -> Changes:
    """Raises ChatNotFound."""
    with snapshot():
        return _changes(chat_id, since, limit, readable_from=readable_from(membership_or_refusal(chat_id, user_id)))


def kept_changes(*, chat_id: UUID, user_id: UUID, since: int, limit: int = CHAT_LIMIT) -> Changes:
    """The same for a cursor that stands in the database: it comes out of a backup as old as the rows do.

    Raises ChatNotFound.
    """
    with snapshot():
        membership = membership_or_refusal(chat_id, user_id)
        return _newer(membership.chat, since, limit, readable_from(membership))


def room_changes(*, chat_id: UUID, since: int, limit: int = CHAT_LIMIT) -> Changes:
    """The same without a reader: the hub fills holes by it, for people whose membership it knows.

    What is hidden from some of them is left out: who may see it finds the gap, and resumes.
    """
    with snapshot():
        return _changes(chat_id, since, limit)


def _changes(chat_id: UUID, since: int, limit: int, *, readable_from: int | None = None) -> Changes:
    chat = Chat.objects.filter(id=chat_id).first()
    if chat is None:
        return Changes([], 0, reset=True)
    if since > chat.version or not in_one_era(since, chat.version):
        return Changes([], chat.version, reset=True)
    return _newer(chat, since, limit, chat.hidden_below if readable_from is None else readable_from)


def _newer(chat: Chat, since: int, limit: int, lowest: int) -> Changes:
    newer = [
        *_message_events(chat, since, limit, lowest),
        *_membership_events(chat.id, since, limit),
        *([dict(chat_changed(chat))] if chat.own_version > since else []),
    ]
    newer.sort(key=lambda event: int(event["version"]))
    if len(newer) > limit:
        return Changes(newer[:limit], int(newer[limit - 1]["version"]), is_cut=True)
    return Changes(newer, chat.version)


def _message_events(chat: Chat, since: int, limit: int, lowest: int) -> list[dict[str, Any]]:
    newer = Message.objects.filter(chat=chat, version__gt=since, seq__gte=lowest).select_related("sender")
    return [dict(message_in_its_state(message_json(message))) for message in newer.order_by("version")[: limit + 1]]


def _membership_events(chat_id: UUID, since: int, limit: int) -> list[dict[str, Any]]:
    newer = Membership.objects.filter(chat_id=chat_id, version__gt=since).select_related("user").order_by("version")
    return [dict(membership_changed(membership)) for membership in newer[: limit + 1]]
