"""A batch on SQLite: row by row, because the transaction holds the only write lock there is."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat_svc.events import message_json
from chat_svc.models import Chat, Membership, Message, State
from chat_svc.writer.posts import Outcome, Post, Sent, known, refusal


def stored_on_sqlite(posts: Sequence[Post]) -> list[Outcome]:
    """Committed when this returns."""
    with transaction.atomic():
        return [_write_row(post) for post in posts]


def _write_row(post: Post) -> Outcome:
    chat = Chat.objects.filter(id=post.chat_id).first()
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
    message = Message.objects.create(
        chat=chat,
        seq=chat.last_seq + 1,
        version=chat.version + 1,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
    )
    Chat.objects.filter(id=chat.id).update(
        last_seq=F("last_seq") + 1, version=F("version") + 1, last_message_at=timezone.now()
    )
    memberships.update(read_seq=message.seq)
    return Sent(message_json(message), created=True)
