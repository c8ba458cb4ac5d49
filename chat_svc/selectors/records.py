"""What staff knows of a person: what was done to them, what was said of them and by them, in numbers."""

from typing import TypedDict
from uuid import UUID

from django.db.models import Count, Q

from chat_svc.models import Membership, ModerationEntry, Report, ReportState, Role, State

LAST = 20
WAITING = (ReportState.OPEN, ReportState.ESCALATED)


class Record(TypedDict):
    reports_about: int
    reports_about_open: int
    reports_by: int
    chats: int
    own_chats: int


def last_entries(user_id: UUID) -> list[ModerationEntry]:
    """What was done to the person, the newest first."""
    return list(ModerationEntry.objects.filter(person_id=user_id)[:LAST])


def record_of(user_id: UUID) -> Record:
    """Reports of the person count, and of their messages; what chats they are in is not told."""
    about = Report.objects.filter(target_id=user_id).aggregate(all=Count("id"), open=Count("id", Q(state__in=WAITING)))
    present = Membership.objects.filter(user_id=user_id, state=State.ACTIVE)
    chats = present.aggregate(all=Count("id"), own=Count("id", Q(role=Role.OWNER)))
    return {
        "reports_about": about["all"],
        "reports_about_open": about["open"],
        "reports_by": Report.objects.filter(reporter_id=user_id).count(),
        "chats": chats["all"],
        "own_chats": chats["own"],
    }
