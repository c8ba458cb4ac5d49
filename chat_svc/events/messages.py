"""A message as everybody reads it, and the news of one."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.files.kinds import FileKind
from chat_svc.models import Attachment, Chat, Message
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


class MessageEvent(TypedDict):
    type: str
    chat: str
    version: int
    message: MessageJson


class StaleEvent(TypedDict):
    type: str
    chat: str
    version: int


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
