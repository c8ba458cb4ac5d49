"""A message stored with everything that it and its chat demand, row by row: all of them on SQLite, which has one writer
anyway; on PostgreSQL those that the fast statements leave alone: in chats with rules of their own, or with more to it
than text."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from abdre.errors import AppError
from chat_svc.errors import InvalidMessage
from chat_svc.events import MentionJson, attachment_json, message_json
from chat_svc.models import Attachment, Chat, Membership, Message, State
from chat_svc.rights import require_files
from chat_svc.selectors.unread import NOTHING
from chat_svc.writer.holding import held
from chat_svc.writer.mentions import NOBODY, called, note_mentions
from chat_svc.writer.posts import Outcome, Post, Sent, known, refusal
from chat_svc.writer.rules import check, check_but_for_pace, refuse_words, why_held
from chat_svc.writer.threads import replied, root_of


def stored_carefully(posts: Sequence[Post]) -> list[Outcome]:
    """Committed when this returns."""
    with transaction.atomic():
        return [_stored(post) if post.also is None else _stored_with_more(post) for post in posts]


def _stored_with_more(post: Post) -> Outcome:
    """What is written with it may be refused: then nothing of it stays, and the others of the batch do."""
    try:
        with transaction.atomic():
            return _stored(post)
    except AppError as refused:
        return refused


def _stored(post: Post) -> Outcome:
    chat = Chat.objects.select_for_update().filter(id=post.chat_id).first()
    memberships = Membership.objects.filter(chat_id=post.chat_id, user_id=post.sender_id, state=State.ACTIVE)
    membership = memberships.select_related("user").first()
    if chat is None or membership is None:
        return refusal(post, is_member=False, is_over=False)
    if Message.objects.filter(chat_id=post.chat_id, sender_id=post.sender_id, client_id=post.client_id).exists():
        return known(post)
    if chat.is_over:
        return refusal(post, is_member=True, is_over=True)
    if post.reply_to is not None and not 1 <= post.reply_to <= chat.last_seq:
        return refusal(post, is_member=True, is_over=False)
    try:
        with override(post.language):
            (check if post.leave is None else check_but_for_pace)(chat, membership, post.body)
            attachments = _attachments(post, chat, membership)
            root = None if post.thread is None else root_of(post.thread, membership)
            refuse_words(post.verdict)
            if post.leave is not None:
                post.leave()
            elif why := why_held(post, chat, membership):
                return held(post, chat, membership, attachments, why)
    except AppError as refused:
        return refused
    message = _inserted(post, chat, membership, attachments)
    if post.also is not None:
        post.also(message)
    also = () if root is None else (replied(chat, root, seq=message.seq, by=post.sender_id),)
    return Sent(message_json(message), created=True, also=also)


def _attachments(post: Post, chat: Chat, membership: Membership) -> list[Attachment]:
    """Raises FilesRefused, InvalidMessage."""
    if not post.attachments:
        return []
    require_files(chat=chat, membership=membership)
    own = Attachment.objects.sendable(
        ids=post.attachments, chat_id=chat.id, uploader_id=post.sender_id, held_id=post.held_id
    )
    if len(own) < len(post.attachments):
        raise InvalidMessage("attachments", _("A file is not there, not all here, or was sent already."))
    return own


def _inserted(post: Post, chat: Chat, membership: Membership, attachments: Sequence[Attachment]) -> Message:
    calls = called(post.body, chat=chat, by=membership) if post.calls_people else NOBODY
    message = numbered(
        chat,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        thread=post.thread,
        extras=_extras(post, calls.said, attachments),
    )
    if attachments:
        Attachment.objects.put_into(message.seq, attachments)
    own = {"read_seq": message.seq, **NOTHING, **({"last_sent_at": message.created_at} if chat.slow_mode_s else {})}
    Membership.objects.filter(id=membership.id).update(**own)
    note_mentions(chat, message.seq, calls.people)
    return message


def _extras(post: Post, mentions: Sequence[MentionJson], attachments: Sequence[Attachment]) -> Mapping[str, Any] | None:
    hangs = {
        "mentions": mentions,
        "attachments": [attachment_json(one) for one in attachments],
        "thread": post.thread,
    }
    return {**(post.extras or {}), **{name: some for name, some in hangs.items() if some}} or None


def numbered(chat: Chat, **facts: Any) -> Message:
    """The chat's next message; the caller holds the chat's lock."""
    chat.last_seq += 1
    chat.version += 1
    chat.last_message_at = timezone.now()
    chat.save(update_fields=["last_seq", "version", "last_message_at"])
    return Message.objects.create(
        chat=chat, seq=chat.last_seq, version=chat.version, created_at=chat.last_message_at, **facts
    )
