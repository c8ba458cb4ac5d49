"""Reports that nobody has closed yet: how many, and since when."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from chat_svc.models import Deed, ModerationEntry, Report
from chat_svc.models.reports import ReportState

# Nobody reads further than "so many"; a flood of reports is not counted to its end each time that one comes.
COUNTED = 1_000


def count_waiting(states: Collection[ReportState]) -> int:
    return Report.objects.filter(state__in=states)[:COUNTED].count()


def newest_untaken(*, before: datetime) -> datetime | None:
    """When the last of those was made that nobody has taken on."""
    return _untaken(ReportState.OPEN).filter(created_at__lte=before).order_by("-created_at").first()


def oldest_waiting(states: Collection[ReportState]) -> datetime | None:
    waiting = [Report.objects.filter(state=state).order_by("created_at").first() for state in states]
    return min((report.created_at for report in waiting if report), default=None)


def newest_escalation(*, before: datetime) -> datetime | None:
    """When the last one was handed to the administrators, as long as one of those waits."""
    if not _untaken(ReportState.ESCALATED).exists():
        return None
    handed_on = ModerationEntry.objects.filter(deed=Deed.REPORT_ESCALATED, at__lte=before)
    return handed_on.order_by("-id").values_list("at", flat=True).first()


def _untaken(state: ReportState) -> QuerySet[Report, datetime]:
    return Report.objects.filter(state=state, claimed_by=None).values_list("created_at", flat=True)
