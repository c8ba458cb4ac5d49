"""What chat_svc tells: shapes and their builders, the same for every reader."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.files.kinds import FileKind
from chat_svc.models import (
    Attachment,
    Chat,
    Draft,
    EntryKind,
    GuestRule,
    HeldMessage,
    HeldState,
    HeldWhy,
    Kind,
    Membership,
    MembershipEntry,
    Message,
    Notify,
    Reminder,
    Role,
    ScheduledMessage,
    State,
)
from user_svc.selectors import UserJson, user_json

# What is counted of messages, in each process by its writer (abdre.tally).
MESSAGES_STORED = "messages.stored"
MESSAGES_REFUSED = "messages.refused"


class ReactionJson(TypedDict):
    """`users` names the first of them only; who looks at it may be another one."""

    emoji: str
    count: int
    users: list[Id]


class MentionJson(TypedDict):
    """`text` is how the message says it, with its @; `user` null: everybody in the chat."""

    user: Id | None
    text: str


class SystemJson(TypedDict):
    """What was done to the chat by the message's sender. `type` decides which of the others is there."""

    # renamed, topic_changed, slow_mode_changed, announcements_changed, keeping_changed, picture_changed, pinned,
    # closed, reopened
    type: str
    title: NotRequired[str]
    topic: NotRequired[str]
    slow_mode_s: NotRequired[int]
    announcement_only: NotRequired[bool]
    keeps_days: NotRequired[int]
    picture: NotRequired[str]
    seq: NotRequired[int]


class AttachmentJson(TypedDict):
    """The file itself: `GET /api/chats/{chat}/attachments/{id}/content`. Sizes of images are in pixels."""

    id: Id
    name: str
    kind: Annotated[str, FileKind]
    content_type: str
    size: int
    width: int | None
    height: int | None
    animated: bool
    placeholder: str
    duration_ms: int | None


class RepliesJson(TypedDict):
    """What a message says of the thread that hangs on it. `people`: those who replied first, at most five."""

    count: int
    last_seq: int
    people: list[Id]


class PreviewPictureJson(TypedDict):
    """`id`: of an attachment, which is small already; sizes are in pixels."""

    id: Id
    width: int
    height: int


class LinkPreviewJson(TypedDict):
    """What the page behind the first link of the message says of itself; `url` is that link as it stands there."""

    url: str
    title: str
    description: str
    site_name: str
    picture: PreviewPictureJson | None


class ForwardedJson(TypedDict):
    """Who said it, by name alone: where it was said is that chat's own matter."""

    display_name: str


class MessageJson(TypedDict):
    """A deleted one keeps its `seq` and loses its `body`. Where that is Markdown, `html` is what it looks like, made
    safe, and `preview` what it says in one line; elsewhere both are left out."""

    chat: Id
    seq: int
    version: int
    client_id: Id
    sender: UserJson
    body: str
    kind: str
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None
    reply_to: int | None
    reactions: list[ReactionJson]
    attachments: list[AttachmentJson]
    html: NotRequired[str]
    preview: NotRequired[str]
    mentions: NotRequired[list[MentionJson]]
    system: NotRequired[SystemJson]
    pinned_at: NotRequired[Moment]
    pinned_by: NotRequired[Id]
    thread: NotRequired[int]
    replies: NotRequired[RepliesJson]
    forwarded: NotRequired[ForwardedJson]
    shown_as: NotRequired[str]
    link_preview: NotRequired[LinkPreviewJson]
    link_preview_removed: NotRequired[bool]
    deleted_by_staff: NotRequired[bool]


def _with(extras: Mapping[str, Any] | None) -> dict[str, Any]:
    """What hangs on a message, nothing by default."""
    return {"reactions": [], "attachments": [], **(extras or {})}


# More ids would make a message of a large chat heavier for everybody than what it says.
REACTION_USERS = 50


def reactions_json(given: Iterable[tuple[str, UUID]]) -> list[ReactionJson]:
    """`given`: emoji and person, in the order in which they came, which is kept."""
    by_emoji: dict[str, list[UUID]] = {}
    for emoji, user_id in given:
        by_emoji.setdefault(emoji, []).append(user_id)
    return [
        {"emoji": emoji, "count": len(users), "users": [str(user_id) for user_id in users[:REACTION_USERS]]}
        for emoji, users in by_emoji.items()
    ]


class MembershipJson(TypedDict):
    chat: Id
    user: UserJson
    role: Annotated[str, Role]
    state: Annotated[str, State]
    joined_at: Moment
    version: int


class MembershipEntryJson(TypedDict):
    """What happened to a membership, and after which message (0: before the first). `role` is the one from then on;
    `by` did it, where that was somebody else."""

    after_seq: int
    version: int
    kind: Annotated[str, EntryKind]
    user: UserJson
    role: Annotated[str, Role]
    by: UserJson | None
    at: Moment


class SummaryJson(TypedDict):
    """What everybody in the chat may know of it. `keeps_days`: for which its messages are kept, 0 where the chat has no
    rule of its own. `pruned_below`: messages before this one are gone for good, and count as nobody's news; 1: none."""

    id: Id
    kind: Annotated[str, Kind]
    title: str
    topic: str
    slow_mode_s: int
    announcement_only: bool
    picture: str
    guest_links: Annotated[str, GuestRule]
    guest_files: Annotated[str, GuestRule]
    is_public: bool
    guests_may_join: bool
    history_for_newcomers: bool
    keeps_days: int
    pruned_below: int
    created_at: Moment
    expires_at: Moment | None
    closed_at: Moment | None
    version: int
    last_seq: int
    member_count: int


class PreferencesJson(TypedDict):
    """What one person wants of a chat; `archived` ends with the next message, unless the chat is muted."""

    notify: Annotated[str, Notify]
    muted_until: Moment | None
    archived: bool
    pinned: bool
    favourite: bool


class MessageEvent(TypedDict):
    type: str
    chat: str
    version: int
    message: MessageJson


class MembershipEvent(TypedDict):
    """`entry`: what the log says of the change, null where nothing. Only as it happens: a resume tells states."""

    type: str
    chat: str
    version: int
    membership: MembershipJson
    entry: NotRequired[MembershipEntryJson | None]


class ChatEvent(TypedDict):
    type: str
    chat: str
    version: int
    summary: SummaryJson


class StaleEvent(TypedDict):
    type: str
    chat: str
    version: int


class ChatCreatedEvent(ChatEvent):
    role: str


class ChatRemovedEvent(TypedDict):
    type: str
    chat: str
    reason: str


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


class SilenceEvent(TypedDict):
    """`until` null: they write again there; `chat` null: everywhere. What holds is said by the chat itself."""

    type: str
    chat: str | None
    until: Moment | None


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


def message_json(message: Message, *, sender: UserJson | None = None) -> MessageJson:
    """`sender` where the caller knows the author's card already."""
    return {
        "chat": str(message.chat_id),
        "seq": message.seq,
        "version": message.version,
        "client_id": str(message.client_id),
        "sender": sender or user_json(message.sender),
        "body": message.body,
        "kind": message.kind,
        "created_at": utc(message.created_at),
        "edited_at": utc(message.edited_at),
        "deleted_at": utc(message.deleted_at),
        "reply_to": message.reply_to,
        **_with(message.extras),  # type: ignore[typeddict-item]  # kept as it goes out
    }


def attachment_json(attachment: Attachment) -> AttachmentJson:
    return {
        "id": str(attachment.id),
        "name": attachment.name,
        "kind": attachment.kind,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
        "animated": attachment.animated,
        "placeholder": attachment.placeholder,
        "duration_ms": attachment.duration_ms,
    }


def new_message_json(
    *,
    chat: str,
    seq: int,
    version: int,
    client_id: str,
    sender: UserJson,
    body: str,
    created_at: str,
    reply_to: int | None,
    extras: Mapping[str, Any] | None = None,
) -> MessageJson:
    """As `message_json` of a text just stored, for the writer, which has no rows in its hands."""
    message: MessageJson = {
        "chat": chat,
        "seq": seq,
        "version": version,
        "client_id": client_id,
        "sender": sender,
        "body": body,
        "kind": "text",
        "created_at": created_at,
        "edited_at": None,
        "deleted_at": None,
        "reply_to": reply_to,
        "reactions": [],
        "attachments": [],
    }
    if extras:
        message.update(extras)  # type: ignore[typeddict-item]  # kept as it goes out
    return message


def membership_json(membership: Membership, *, user: UserJson | None = None) -> MembershipJson:
    """`user` where the caller knows the person's card already."""
    return {
        "chat": str(membership.chat_id),
        "user": user or user_json(membership.user),
        "role": membership.role,
        "state": membership.state,
        "joined_at": utc(membership.joined_at),
        "version": membership.version,
    }


def entry_json(entry: MembershipEntry) -> MembershipEntryJson:
    return {
        "after_seq": entry.after_seq,
        "version": entry.version,
        "kind": entry.kind,
        "user": user_json(entry.user),
        "role": entry.role,
        "by": user_json(entry.by) if entry.by else None,
        "at": utc(entry.at),
    }


def summary_json(chat: Chat, *, member_count: int | None = None) -> SummaryJson:
    """What everybody in the chat may know of it; nothing depends on who reads."""
    return {
        "id": str(chat.id),
        "kind": chat.kind,
        "title": chat.title,
        "topic": chat.topic,
        "slow_mode_s": chat.slow_mode_s,
        "announcement_only": chat.announcement_only,
        "picture": chat.picture,
        "guest_links": chat.guest_links,
        "guest_files": chat.guest_files,
        "is_public": chat.is_public,
        "guests_may_join": chat.guests_may_join,
        "history_for_newcomers": chat.history_for_newcomers,
        "keeps_days": chat.keeps_days,
        "pruned_below": chat.pruned_below,
        "created_at": utc(chat.created_at),
        "expires_at": utc(chat.expires_at),
        "closed_at": utc(chat.closed_at),
        "version": chat.version,
        "last_seq": chat.last_seq,
        "member_count": chat.memberships.filter(state=State.ACTIVE).count() if member_count is None else member_count,
    }


def preferences_json(membership: Membership) -> PreferencesJson:
    return {
        "notify": membership.notify,
        "muted_until": utc(membership.muted_until),
        "archived": membership.is_archived,
        "pinned": membership.is_pinned,
        "favourite": membership.is_favourite,
    }


def message_created(message: MessageJson) -> MessageEvent:
    return {"type": "message.created", "chat": message["chat"], "version": message["version"], "message": message}


def message_changed(message: MessageJson, *, chat: Chat) -> MessageEvent | StaleEvent:
    """For all in the chat: of a message that is hidden from some of them, no more than that something changed.

    Who may see it is given it by a resume, which is each person's own.
    """
    if message["seq"] < chat.hidden_below:
        return {"type": "chat.stale", "chat": message["chat"], "version": message["version"]}
    return _message_changed(message)


def _message_changed(message: MessageJson) -> MessageEvent:
    return {"type": "message.changed", "chat": message["chat"], "version": message["version"], "message": message}


def message_in_its_state(message: MessageJson) -> MessageEvent:
    """For who has missed what led there: new, or changed since it was said."""
    untouched = message["edited_at"] is None and message["deleted_at"] is None
    return (message_created if untouched else _message_changed)(message)


def membership_changed(membership: Membership, *, user: UserJson | None = None) -> MembershipEvent:
    return {
        "type": "membership.changed",
        "chat": str(membership.chat_id),
        "version": membership.version,
        "membership": membership_json(membership, user=user),
    }


def membership_told(membership: Membership, entry: MembershipEntry | None) -> MembershipEvent:
    """As it happens."""
    return {**membership_changed(membership), "entry": entry_json(entry) if entry else None}


def chat_changed(chat: Chat, *, member_count: int | None = None) -> ChatEvent:
    return {
        "type": "chat.changed",
        "chat": str(chat.id),
        "version": chat.own_version,
        "summary": summary_json(chat, member_count=member_count),
    }


def chat_created(chat: Chat, membership: Membership, *, member_count: int | None = None) -> ChatCreatedEvent:
    """For one person who has just come in."""
    return {
        "type": "chat.created",
        "chat": str(chat.id),
        "version": chat.version,
        "summary": summary_json(chat, member_count=member_count),
        "role": membership.role,
    }


def chat_removed(chat_id: UUID, reason: str) -> ChatRemovedEvent:
    """For one person who has just gone; `reason`: left, removed, banned, closed, expired."""
    return {"type": "chat.removed", "chat": str(chat_id), "reason": reason}


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


def draft_json(draft: Draft) -> DraftJson:
    return {"body": draft.body, "reply_to": draft.reply_to, "saved_at": utc(draft.saved_at)}


def draft_changed(chat_id: UUID, draft: DraftJson | None) -> DraftEvent:
    """For the person's own devices, the one that wrote it too: it knows its own words."""
    return {"type": "draft.changed", "chat": str(chat_id), "draft": draft}


def silence_changed(chat_id: UUID | None, until: dt.datetime | None) -> SilenceEvent:
    """For the person's own devices."""
    return {"type": "silence.changed", "chat": str(chat_id) if chat_id else None, "until": utc(until)}


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


def reports_event(news: ReportNews, waiting: int) -> ReportsEvent:
    return {"type": str(news), "waiting": waiting}


def receipt_read(chat_id: UUID, user_id: UUID, seq: int) -> ReceiptEvent:
    return {"type": "receipt.read", "chat": str(chat_id), "user": str(user_id), "seq": seq}
