"""What one person alone is told of a chat, or staff of reports; and who types and has read."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from abdre.wire import Moment, utc
from chat_svc.models import Membership, Notify


class PreferencesJson(TypedDict):
    """What one person wants of a chat; `archived` ends with the next message, unless the chat is muted."""

    notify: Annotated[str, Notify]
    muted_until: Moment | None
    archived: bool
    pinned: bool
    favourite: bool


class PreferencesEvent(TypedDict):
    type: str
    chat: str
    preferences: PreferencesJson


class TypingEvent(TypedDict):
    type: str
    chat: str
    user: str


class UnreadEvent(TypedDict):
    """For one person's own devices: what they have not read, where the mark alone does not say it."""

    type: str
    chat: str
    last_seq: int
    read_seq: int
    unread: int
    mentions: int


class ClearedEvent(TypedDict):
    type: str
    chat: str
    seq: int


class SilenceEvent(TypedDict):
    """`until` null: they write again there; `chat` null: everywhere. What holds is said by the chat itself."""

    type: str
    chat: str | None
    until: Moment | None


class ReportNews(StrEnum):
    """`CHANGED`: only how many wait."""

    CREATED = "report.created"
    ESCALATED = "report.escalated"
    CHANGED = "reports.changed"


class ReportsEvent(TypedDict):
    """For staff alone; it says of no report what it is about."""

    type: str
    waiting: int


class ReceiptEvent(TypedDict):
    type: str
    chat: str
    user: str
    seq: int


def preferences_json(membership: Membership) -> PreferencesJson:
    return {
        "notify": membership.notify,
        "muted_until": utc(membership.muted_until),
        "archived": membership.is_archived,
        "pinned": membership.is_pinned,
        "favourite": membership.is_favourite,
    }


def preferences_changed(membership: Membership) -> PreferencesEvent:
    """For the person's own devices."""
    return {
        "type": "chat_preferences.changed",
        "chat": str(membership.chat_id),
        "preferences": preferences_json(membership),
    }


def typing_started(chat_id: UUID, user_id: UUID) -> TypingEvent:
    return {"type": "typing.started", "chat": str(chat_id), "user": str(user_id)}


def unread_changed(chat_id: UUID, *, last_seq: int, read_seq: int, unread: int, mentions: int) -> UnreadEvent:
    return {
        "type": "unread.changed",
        "chat": str(chat_id),
        "last_seq": last_seq,
        "read_seq": read_seq,
        "unread": unread,
        "mentions": mentions,
    }


def chat_cleared(chat_id: UUID, seq: int) -> ClearedEvent:
    """For one person's own devices: what stands up to `seq` is not shown any more."""
    return {"type": "chat.cleared", "chat": str(chat_id), "seq": seq}


def silence_changed(chat_id: UUID | None, until: dt.datetime | None) -> SilenceEvent:
    """For the person's own devices."""
    return {"type": "silence.changed", "chat": str(chat_id) if chat_id else None, "until": utc(until)}


def reports_event(news: ReportNews, waiting: int) -> ReportsEvent:
    return {"type": str(news), "waiting": waiting}


def receipt_read(chat_id: UUID, user_id: UUID, seq: int) -> ReceiptEvent:
    return {"type": "receipt.read", "chat": str(chat_id), "user": str(user_id), "seq": seq}
