"""What messages said before they were edited is kept for a time, for who moderates the installation."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chat_svc.models import Message, MessageEdit


def keep_body(message: Message) -> None:
    """As it stands now, before it is changed; part of the caller's transaction."""
    MessageEdit.objects.create(
        chat_id=message.chat_id,
        seq=message.seq,
        version=message.version,
        sender_id=message.sender_id,
        body=message.body,
    )


def old_edits() -> QuerySet[MessageEdit]:
    """Kept for so many days and no longer."""
    return MessageEdit.objects.filter(edited_at__lte=timezone.now() - timedelta(days=settings.EDITS_KEPT_DAYS))


def forget_old_edits() -> int:
    """Answers how many went. Called by the clock."""
    return old_edits().delete()[0]
