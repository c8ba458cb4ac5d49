"""What waits for its moment, or for somebody: drafts, scheduled and held messages, reminders."""

from typing import Annotated, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.events.messages import AttachmentJson
from chat_svc.models import Draft, HeldMessage, HeldState, HeldWhy, Reminder, ScheduledMessage
from user_svc.selectors import UserJson, user_json


class DraftJson(TypedDict):
    """What somebody has begun to write."""

    body: str
    reply_to: int | None
    saved_at: Moment


class DraftEvent(TypedDict):
    """`draft` null: there is none any more."""

    type: str
    chat: str
    draft: DraftJson | None


class ScheduledJson(TypedDict):
    """What will be said at `send_at`. `problem`: the code of the refusal, where it was refused then."""

    id: Id
    chat: Id
    client_id: Id
    body: str
    reply_to: int | None
    send_at: Moment
    created_at: Moment
    problem: str | None


class ScheduledEvent(TypedDict):
    type: str
    chat: str
    scheduled: ScheduledJson


class HeldJson(TypedDict):
    """What somebody has said that others do not see yet. `why`: a rule of the installation's filter, or a guest's link
    or file where the chat holds those. `decided_at`: when it was approved or rejected, or had waited for too long."""

    id: Id
    chat: Id
    client_id: Id
    sender: UserJson
    body: str
    reply_to: int | None
    thread: int | None
    attachments: list[AttachmentJson]
    why: Annotated[str, HeldWhy]
    state: Annotated[str, HeldState]
    held_at: Moment
    decided_at: Moment | None


class HeldEvent(TypedDict):
    type: str
    chat: str
    held: HeldJson


class ReminderJson(TypedDict):
    """`told_at`: when it was said; it stays in the list until it is taken off."""

    id: Id
    chat: Id
    seq: int
    at: Moment
    told_at: Moment | None


class ReminderEvent(TypedDict):
    """`text`: the message in one line."""

    type: str
    chat: str
    seq: int
    text: str


def draft_json(draft: Draft) -> DraftJson:
    return {"body": draft.body, "reply_to": draft.reply_to, "saved_at": utc(draft.saved_at)}


def draft_changed(chat_id: UUID, draft: DraftJson | None) -> DraftEvent:
    """For the person's own devices, the one that wrote it too: it knows its own words."""
    return {"type": "draft.changed", "chat": str(chat_id), "draft": draft}


def scheduled_json(scheduled: ScheduledMessage) -> ScheduledJson:
    return {
        "id": str(scheduled.id),
        "chat": str(scheduled.chat_id),
        "client_id": str(scheduled.client_id),
        "body": scheduled.body,
        "reply_to": scheduled.reply_to,
        "send_at": utc(scheduled.send_at),
        "created_at": utc(scheduled.created_at),
        "problem": scheduled.problem or None,
    }


def scheduled_failed(scheduled: ScheduledMessage) -> ScheduledEvent:
    """For the person's own devices."""
    return {"type": "scheduled.failed", "chat": str(scheduled.chat_id), "scheduled": scheduled_json(scheduled)}


def held_json(held: HeldMessage) -> HeldJson:
    return {
        "id": str(held.id),
        "chat": str(held.chat_id),
        "client_id": str(held.client_id),
        "sender": user_json(held.sender),
        "body": held.body,
        "reply_to": held.reply_to,
        "thread": held.thread,
        "attachments": (held.extras or {}).get("attachments", []),
        "why": held.why,
        "state": held.state,
        "held_at": utc(held.held_at),
        "decided_at": utc(held.decided_at),
    }


def held_changed(held: HeldMessage) -> HeldEvent:
    """For the devices of who wrote it, and of who may decide on it."""
    return {"type": "held.changed", "chat": str(held.chat_id), "held": held_json(held)}


def reminder_json(reminder: Reminder) -> ReminderJson:
    return {
        "id": str(reminder.id),
        "chat": str(reminder.chat_id),
        "seq": reminder.seq,
        "at": utc(reminder.remind_at),
        "told_at": utc(reminder.told_at),
    }


def reminder_due(reminder: Reminder, text: str) -> ReminderEvent:
    """For the person's own devices."""
    return {"type": "reminder.due", "chat": str(reminder.chat_id), "seq": reminder.seq, "text": text}
