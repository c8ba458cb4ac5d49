"""What messages said before they were edited is kept for a time, for who moderates the installation."""

from datetime import timedelta

from django.conf import settings
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


def forget_old_edits() -> int:
    """Kept for so many days and no longer; answers how many went. Called by the clock."""
    due = timezone.now() - timedelta(days=settings.EDITS_KEPT_DAYS)
    forgotten, _ = MessageEdit.objects.filter(edited_at__lte=due).delete()
    return forgotten
