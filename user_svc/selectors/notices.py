"""What staff let a person know."""

from uuid import UUID

from django.db.models import QuerySet

from user_svc.events import NoticeJson, notice_json
from user_svc.models import NoticeKind, StaffNotice

# Who has more has read them long ago, or will see the next ones when these are read.
SHOWN_LIMIT = 100
# So many stand at the top of a page at once.
UNSEEN_LIMIT = 3


def notices_of(user_id: UUID) -> QuerySet[StaffNotice]:
    """The newest first."""
    return StaffNotice.objects.filter(user_id=user_id)


def recent_notices(user_id: UUID) -> list[NoticeJson]:
    """The newest first."""
    return [notice_json(notice) for notice in notices_of(user_id)[:SHOWN_LIMIT]]


def unseen_notices(user_id: UUID) -> list[NoticeJson]:
    """Those that the person has not said to have read, the newest first."""
    return [notice_json(notice) for notice in notices_of(user_id).filter(seen_at=None)[:UNSEEN_LIMIT]]


def reason_of_ban(user_id: UUID) -> str:
    """What staff said when they closed the account; empty where nothing was said."""
    told = notices_of(user_id).filter(kind=NoticeKind.BANNED).values_list("reason", flat=True)
    return told.first() or ""
