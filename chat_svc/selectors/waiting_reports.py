"""Reports that nobody has closed yet: how many, and since when; and which of all are not for whom."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from chat_svc.models import Deed, ModerationEntry, Report
from chat_svc.models.reports import ReportState, TargetKind
from user_svc.selectors import bots_owned_by

# Nobody reads further than "so many"; a flood of reports is not counted to its end each time that one comes.
COUNTED = 1_000


def is_about(*user_ids: UUID) -> Q:
    """Reports of these people, of what they said, of their bots and codes: for others of the staff to see.

    Codes are auth_svc's, above us: the settings name who is asked.
    """
    codes = import_string(settings.INVITATIONS_OF)(user_ids)
    of_bots = Q(target_id__in=bots_owned_by(user_ids).values("id"))
    return Q(target_id__in=user_ids) | of_bots | Q(target_kind=TargetKind.INVITATION, target_id__in=codes)


def count_waiting(states: Collection[ReportState], *, seen_by: UUID | None = None) -> int:
    """Of all, or of those that are for this one of the staff to see."""
    waiting = Report.objects.filter(state__in=states)
    return (waiting.exclude(is_about(seen_by)) if seen_by else waiting)[:COUNTED].count()


def is_any_about(user_ids: Collection[UUID], states: Collection[ReportState]) -> bool:
    return Report.objects.filter(is_about(*user_ids), state__in=states).exists()


def newest_untaken(*, before: datetime) -> datetime | None:
    """When the last of those was made that nobody has taken on."""
    return _untaken(ReportState.OPEN).filter(created_at__lte=before).order_by("-created_at").first()


def oldest_waiting(states: Collection[ReportState], *, seen_by: UUID) -> datetime | None:
    theirs = Report.objects.exclude(is_about(seen_by))
    waiting = [theirs.filter(state=state).order_by("created_at").first() for state in states]
    return min((report.created_at for report in waiting if report), default=None)


def newest_escalation(*, before: datetime) -> datetime | None:
    """When the last one was handed to the administrators, as long as one of those waits."""
    if not _untaken(ReportState.ESCALATED).exists():
        return None
    handed_on = ModerationEntry.objects.filter(deed=Deed.REPORT_ESCALATED, at__lte=before)
    return handed_on.order_by("-id").values_list("at", flat=True).first()


def _untaken(state: ReportState) -> QuerySet[Report, datetime]:
    return Report.objects.filter(state=state, claimed_by=None).values_list("created_at", flat=True)
