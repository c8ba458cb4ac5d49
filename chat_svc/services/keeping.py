"""What staff deletes is kept for a time, and its files with it, so that it can be restored; then it goes."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat_svc.errors import ChatNotFound
from chat_svc.models import Attachment, Chat, KeptMessage, Message

# So many are forgotten while the chat is locked.
FORGET_BATCH = 500


def keep_messages(chat: Chat, messages: Sequence[Message], *, entry_id: int) -> None:
    """As they stand now, before they are deleted; nobody gets their files meanwhile. The caller holds the lock."""
    kept = [
        KeptMessage(
            chat=chat, seq=one.seq, entry_id=entry_id, sender_id=one.sender_id, body=one.body, extras=one.extras
        )
        for one in messages
    ]
    KeptMessage.objects.bulk_create(kept)
    Attachment.objects.of_messages(chat.id, [one.seq for one in messages]).update(withheld=True)


def old_kept_messages() -> QuerySet[KeptMessage]:
    """Kept for so many days and no longer."""
    return KeptMessage.objects.filter(kept_at__lte=timezone.now() - timedelta(days=settings.EDITS_KEPT_DAYS))


def forget_kept_messages() -> int:
    """Answers how many went. Called by the clock."""
    due = old_kept_messages()
    return sum(_forget(chat_id, due) for chat_id in _chats_of(due))


def forget_kept_of(chat: Chat, user_id: UUID) -> int:
    """Some of what the person said there; answers how many. The caller holds the lock, as who restores them."""
    return _forget_locked(chat, KeptMessage.objects.filter(sender_id=user_id))


def _chats_of(rows: QuerySet[KeptMessage]) -> list[UUID]:
    return list(rows.order_by("chat_id").values_list("chat_id", flat=True).distinct())


def _forget(chat_id: UUID, rows: QuerySet[KeptMessage]) -> int:
    gone = 0
    while some := _forget_some(chat_id, rows):
        gone += some
    return gone


def _forget_some(chat_id: UUID, rows: QuerySet[KeptMessage]) -> int:
    with transaction.atomic():
        try:
            chat = Chat.objects.locked(chat_id)
        except ChatNotFound:  # erased meanwhile, and all that is kept of it
            return 0
        return _forget_locked(chat, rows)


def _forget_locked(chat: Chat, rows: QuerySet[KeptMessage]) -> int:
    """Their files go with the next sweep."""
    seqs = list(rows.filter(chat=chat).values_list("seq", flat=True)[:FORGET_BATCH])
    if seqs:
        Attachment.objects.of_messages(chat.id, seqs).drop()
        KeptMessage.objects.filter(chat=chat, seq__in=seqs).delete()
    return len(seqs)
