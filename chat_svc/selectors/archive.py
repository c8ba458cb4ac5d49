"""What a person takes along: the chats they are in or were, and what they wrote there."""

from collections.abc import Iterator
from typing import TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.models import Attachment, Membership, Message

ROWS_AT_ONCE = 1_000


class OwnMembership(TypedDict):
    chat: Id
    title: str
    kind: str
    role: str
    state: str
    joined_at: Moment


class OwnMessage(TypedDict):
    chat: Id
    title: str
    seq: int
    body: str
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None
    reply_to: int | None


class OwnFile(TypedDict):
    chat: Id
    title: str
    seq: int
    name: str
    content_type: str
    size: int
    created_at: Moment


def own_memberships(user_id: UUID) -> Iterator[OwnMembership]:
    rows = Membership.objects.filter(user_id=user_id).select_related("chat").order_by("joined_at", "id")
    for membership in rows.iterator(ROWS_AT_ONCE):
        yield {
            "chat": str(membership.chat_id),
            "title": membership.chat.title,
            "kind": membership.chat.kind,
            "role": membership.role,
            "state": membership.state,
            "joined_at": utc(membership.joined_at),
        }


def own_messages(user_id: UUID) -> Iterator[OwnMessage]:
    """Chat by chat, each from its beginning; a few in memory at a time."""
    chats = Membership.objects.filter(user_id=user_id).order_by("chat_id")
    for chat_id, title in list(chats.values_list("chat_id", "chat__title")):
        own = Message.objects.filter(chat_id=chat_id, sender_id=user_id).order_by("seq")
        for message in own.iterator(ROWS_AT_ONCE):
            yield {
                "chat": str(chat_id),
                "title": title,
                "seq": message.seq,
                "body": message.body,
                "created_at": utc(message.created_at),
                "edited_at": utc(message.edited_at),
                "deleted_at": utc(message.deleted_at),
                "reply_to": message.reply_to,
            }


def own_files(user_id: UUID) -> Iterator[OwnFile]:
    """Which were sent, and where they stand; the bytes are in the chats."""
    sent = (
        Attachment.objects.of_people()
        .there()
        .filter(uploader_id=user_id, chat__isnull=False, message_seq__isnull=False)
    )
    for attachment in sent.select_related("chat").order_by("created_at", "id").iterator(ROWS_AT_ONCE):
        assert attachment.chat is not None  # those alone are asked for
        assert attachment.message_seq is not None
        yield {
            "chat": str(attachment.chat_id),
            "title": attachment.chat.title,
            "seq": attachment.message_seq,
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "created_at": utc(attachment.created_at),
        }
