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


def forget_kept_of(*, user_id: UUID) -> None:
    """What the person said is kept nowhere any more."""
    own = KeptMessage.objects.filter(sender_id=user_id)
    for chat_id in _chats_of(own):
        _forget(chat_id, own)


def _chats_of(rows: QuerySet[KeptMessage]) -> list[UUID]:
    return list(rows.order_by("chat_id").values_list("chat_id", flat=True).distinct())


def _forget(chat_id: UUID, rows: QuerySet[KeptMessage]) -> int:
    gone = 0
    while some := _forget_some(chat_id, rows):
        gone += some
    return gone


def _forget_some(chat_id: UUID, rows: QuerySet[KeptMessage]) -> int:
    """Their files go with the next sweep. Under the chat's lock, as who restores them."""
    with transaction.atomic():
        try:
            Chat.objects.locked(chat_id)
        except ChatNotFound:  # erased meanwhile, and all that is kept of it
            return 0
        seqs = list(rows.filter(chat_id=chat_id).values_list("seq", flat=True)[:FORGET_BATCH])
        Attachment.objects.of_messages(chat_id, seqs).drop()
        KeptMessage.objects.filter(chat_id=chat_id, seq__in=seqs).delete()
    return len(seqs)
