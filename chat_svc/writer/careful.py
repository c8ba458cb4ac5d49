"""A message stored with everything that it and its chat demand, row by row: all of them on SQLite, which has one writer
anyway; on PostgreSQL those that the fast statements leave alone: in chats with rules of their own, or with more to it
than text."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from abdre.errors import AppError
from chat_svc.events import message_json
from chat_svc.models import Chat, Membership, Message, State
from chat_svc.selectors.unread import NOTHING
from chat_svc.writer.mentions import called, note_mentions
from chat_svc.writer.posts import Outcome, Post, Sent, known, refusal
from chat_svc.writer.rules import check


def stored_carefully(posts: Sequence[Post]) -> list[Outcome]:
    """Committed when this returns."""
    with transaction.atomic():
        return [_stored(post) for post in posts]


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
            check(chat, membership, post.body)
    except AppError as refused:
        return refused
    return Sent(message_json(_inserted(post, chat, membership)), created=True)


def _inserted(post: Post, chat: Chat, membership: Membership) -> Message:
    calls = called(post.body, chat=chat, by=membership)
    message = numbered(
        chat,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        extras={**(post.extras or {}), **({"mentions": calls.said} if calls.said else {})} or None,
    )
    own = {"read_seq": message.seq, **NOTHING, **({"last_sent_at": message.created_at} if chat.slow_mode_s else {})}
    Membership.objects.filter(id=membership.id).update(**own)
    note_mentions(chat, message.seq, calls.people)
    return message


def numbered(chat: Chat, **facts: Any) -> Message:
    """The chat's next message; the caller holds the chat's lock."""
    chat.last_seq += 1
    chat.version += 1
    chat.last_message_at = timezone.now()
    chat.save(update_fields=["last_seq", "version", "last_message_at"])
    return Message.objects.create(
        chat=chat, seq=chat.last_seq, version=chat.version, created_at=chat.last_message_at, **facts
    )
