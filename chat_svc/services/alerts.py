"""Staff whose pages are open hear at once that reports wait for them; nobody else does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from abdre.events import publish, user_group
from chat_svc.events import ReportNews, reports_event
from chat_svc.models import Right
from chat_svc.models.reports import WAITING, ReportState
from chat_svc.selectors.waiting_reports import count_waiting, is_any_about, oldest_waiting
from chat_svc.services.moderation.staff import may
from user_svc.selectors import staff_with

if TYPE_CHECKING:
    from user_svc.models import User

# Who may appoint staff is who takes what moderators hand on.
TAKES_ESCALATED = Right.APPOINT_STAFF


def waiting_for(person: User) -> int:
    """How many reports wait for this one of the staff; 0 for who handles none."""
    return count_waiting(_taken_by(person), seen_by=person.id)


def waiting_since(person: User) -> datetime | None:
    """When the oldest of those was made."""
    return oldest_waiting(_taken_by(person), seen_by=person.id)


def _taken_by(person: User) -> list[ReportState]:
    rights = {ReportState.OPEN: Right.HANDLE_REPORTS, ReportState.ESCALATED: TAKES_ESCALATED}
    return [state for state, right in rights.items() if may(person, right)]


def tell_staff(news: ReportNews) -> None:
    """How many wait, counted after the commit: of two reports made side by side the later event knows both."""
    transaction.on_commit(partial(_tell, news), robust=True)


def _tell(news: ReportNews) -> None:
    administrators = _staff(TAKES_ESCALATED)
    moderators = _staff(Right.HANDLE_REPORTS) - administrators
    # To moderators, one that is handed on is one less.
    told = ReportNews.CHANGED if news is ReportNews.ESCALATED else news
    _tell_each(moderators, told, [ReportState.OPEN])
    _tell_each(administrators, news, WAITING)


def _tell_each(staff: Collection[UUID], news: ReportNews, states: Collection[ReportState]) -> None:
    """The same to each, but for whom one is about: they see the others alone, and hear of no new one."""
    waiting = count_waiting(states)
    differs = is_any_about(staff, states)
    for user_id in staff:
        theirs = count_waiting(states, seen_by=user_id) if differs else waiting
        publish(user_group(user_id), reports_event(news if theirs == waiting else ReportNews.CHANGED, theirs))


def _staff(right: Right) -> set[UUID]:
    return set(staff_with(f"chat_svc.{right}").values_list("id", flat=True))
