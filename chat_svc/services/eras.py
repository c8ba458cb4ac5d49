"""After a backup was restored: what clients heard of the time since it was made is no more."""

from datetime import UTC, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from chat_svc.models import ERA, Chat

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def begin_new_era() -> None:
    """Have every client begin its chats anew: no cursor of before means the same any more."""
    newest = Chat.objects.aggregate(newest=Max("version"))["newest"] or 0
    minute = (timezone.now() - EPOCH) // timedelta(minutes=1)
    Chat.objects.update(version=ERA * max(minute, newest // ERA + 1))
