"""A message stored with everything that its chat demands, row by row: all of them on SQLite, which has one writer
anyway; on PostgreSQL those in chats with rules of their own, which the fast statements leave alone."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import override

from abdre.errors import AppError
from chat_svc.events import message_json
from chat_svc.models import Chat, Membership, Message, State
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
    message = Message.objects.create(
        chat=chat,
        seq=chat.last_seq + 1,
        version=chat.version + 1,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        extras=post.extras,
    )
    now = timezone.now()
    Chat.objects.filter(id=chat.id).update(last_seq=F("last_seq") + 1, version=F("version") + 1, last_message_at=now)
    own = {"read_seq": message.seq, **({"last_sent_at": now} if chat.slow_mode_s else {})}
    Membership.objects.filter(id=membership.id).update(**own)
    return message
