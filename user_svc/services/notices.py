"""Staff lets a person know what was done to them, and why."""

import datetime as dt
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from user_svc.models import NoticeKind as NoticeKind
from user_svc.models import StaffNotice

SEEN_KEPT = dt.timedelta(days=180)


def tell_staff_notice(
    *, user_id: UUID, kind: NoticeKind, reason: str, chat_id: UUID | None = None, until: dt.datetime | None = None
) -> StaffNotice:
    """Part of the caller's transaction."""
    return StaffNotice.objects.create(user_id=user_id, kind=kind, reason=reason, chat_id=chat_id, until=until)


def old_staff_notices() -> QuerySet[StaffNotice]:
    """Those that their people have seen long ago."""
    return StaffNotice.objects.filter(seen_at__lt=timezone.now() - SEEN_KEPT)


def forget_seen_staff_notices() -> int:
    """Answers how many. Called by the clock."""
    return old_staff_notices().delete()[0]
