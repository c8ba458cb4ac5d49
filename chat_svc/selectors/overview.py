"""What waits for staff, and what they did last, at a glance."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, Q

from chat_svc.models import ModerationEntry, Report
from chat_svc.models.reports import WAITING, ReportState
from chat_svc.selectors.waiting_reports import is_about


@dataclass(frozen=True)
class WaitingReports:
    """`total` holds the escalated ones too. `mine`: taken on by who asks."""

    total: int
    unclaimed: int
    mine: int
    escalated: int
    oldest_at: dt.datetime | None


@dataclass(frozen=True)
class LoggedDeed:
    at: dt.datetime
    deed: str
    actor_id: UUID
    person_id: UUID | None


def waiting_reports(*, asked_by: UUID) -> WaitingReports:
    """By the index of those that wait; how many were ever closed costs nothing."""
    return WaitingReports(
        **Report.objects.filter(state__in=WAITING)
        .exclude(is_about(asked_by))
        .aggregate(
            total=Count("id"),
            unclaimed=Count("id", filter=Q(claimed_by=None)),
            mine=Count("id", filter=Q(claimed_by=asked_by)),
            escalated=Count("id", filter=Q(state=ReportState.ESCALATED)),
            oldest_at=Min("created_at"),
        )
    )


def newest_deeds(limit: int) -> list[LoggedDeed]:
    rows = ModerationEntry.objects.order_by("-id").values_list("at", "deed", "actor_id", "person_id")
    return [LoggedDeed(*row) for row in rows[:limit]]
