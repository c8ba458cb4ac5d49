"""Staff lets a person know what was done to them, and why."""

import datetime as dt
from uuid import UUID

from user_svc.models import NoticeKind as NoticeKind
from user_svc.models import StaffNotice


def tell_staff_notice(
    *, user_id: UUID, kind: NoticeKind, reason: str, chat_id: UUID | None = None, until: dt.datetime | None = None
) -> StaffNotice:
    """Part of the caller's transaction."""
    return StaffNotice.objects.create(user_id=user_id, kind=kind, reason=reason, chat_id=chat_id, until=until)
