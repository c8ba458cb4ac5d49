"""The queue of reports, and what is known around one. For staff alone; who asks is not looked at here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from chat_svc.errors import ReportNotFound
from chat_svc.models import WAITING, Deed, Message, ModerationEntry, Reason, Report, TargetKind
from chat_svc.selectors.waiting_reports import is_about

PAGE_SIZE = 30
HISTORY_LIMIT = 20
TABS = ("open", "mine", "escalated", "done")
# Two reports are about the same where all of these are.
TARGET = ("target_kind", "target_id", "chat_id", "seq")
BESIDE = ("reporter", "claimed_by", "closed_by", "chat")
# What happened to reports says nothing about a person that the reports themselves do not.
ABOUT_REPORTS = [Deed.LOOKED, *(deed for deed in Deed if deed.startswith("report."))]


@dataclass(frozen=True)
class Waiting:
    """`report`: the one that waits longest of `count` about the same."""

    report: Report
    count: int


@dataclass(frozen=True)
class Queue:
    items: list[Waiting]
    has_more: bool


def queue(*, tab: str, user_id: UUID, kind: str = "", reason: str = "", page: int = 1) -> Queue:
    """What waits, each target once and what waits longest first; of what is done the latest first. Nobody sees what is
    about themselves."""
    asked = {"target_kind": kind, "reason": reason}
    narrowed = {name: word for name, word in asked.items() if word}
    reports = Report.objects.filter(_of_tab(tab, user_id), **narrowed).exclude(is_about(user_id))
    found = _latest(reports) if tab == "done" else _targets(reports)
    first = (page - 1) * PAGE_SIZE
    # Ids first: rows with their snapshots are too heavy to be put in order.
    counts = dict(found[first : first + PAGE_SIZE + 1])
    ids = list(counts)[:PAGE_SIZE]
    rows = Report.objects.select_related(*BESIDE).in_bulk(ids)
    return Queue([Waiting(rows[one], counts[one]) for one in ids], len(counts) > PAGE_SIZE)


def _of_tab(tab: str, user_id: UUID) -> Q:
    if tab == "mine":
        return Q(claimed_by=user_id, state__in=WAITING)
    return Q(closed_at__isnull=False) if tab == "done" else Q(state=tab)


def _latest(reports: QuerySet[Report]) -> QuerySet[Report, tuple[UUID, Any]]:
    return reports.order_by("-closed_at", "id").values_list("id", Value(1))


def _targets(reports: QuerySet[Report]) -> QuerySet[Report, tuple[UUID, Any]]:
    same: list[Any] = [F(name) for name in TARGET]
    numbered = reports.annotate(
        nth=Window(RowNumber(), partition_by=same, order_by=["created_at", "id"]),
        count=Window(Count("*"), partition_by=same),
    )
    return numbered.filter(nth=1).order_by("created_at", "id").values_list("id", "count")


def waiting_counts(user_id: UUID) -> dict[str, int]:
    """How many reports each tab holds; a target may stand for many."""
    seen = Report.objects.exclude(is_about(user_id))
    states = seen.filter(state__in=WAITING).values_list("state").order_by("state")
    counts = dict(states.annotate(count=Count("state")))
    return {**counts, "mine": seen.filter(_of_tab("mine", user_id)).count()}


def report_by_id(report_id: UUID) -> Report:
    """Raises ReportNotFound."""
    found = Report.objects.select_related(*BESIDE).filter(id=report_id).first()
    if found is None:
        raise ReportNotFound
    return found


def with_the_same_target(report_ids: Collection[UUID]) -> list[Report]:
    """These reports, and those that wait beside them in the same state about the same; the oldest first."""
    light = Report.objects.defer("snapshot")
    chosen = {(_target(one), one.state) for one in light.filter(id__in=report_ids)}
    people = {target[1] for target, _ in chosen}
    beside = light.filter(Q(target_id__in=people, state__in=WAITING) | Q(id__in=report_ids)).order_by("created_at")
    return [one for one in beside if (_target(one), one.state) in chosen]


def _target(report: Report) -> tuple[Any, ...]:
    return tuple(getattr(report, name) for name in TARGET)


def is_about_the_same(one: Report, other: Report) -> bool:
    return _target(one) == _target(other)


def message_now(report: Report) -> Message | None:
    """The reported one; None where it went with what is kept only so long."""
    return Message.objects.filter(chat=report.chat, seq=report.seq).first()


def reports_about(report: Report) -> list[Report]:
    """Others of the same person or code, the newest first."""
    others = Report.objects.filter(target_id=report.target_id).exclude(id=report.id)
    return list(others.defer("snapshot").select_related("reporter", "chat").order_by("-created_at")[:HISTORY_LIMIT])


def record_of(reporter_id: UUID) -> dict[str, int]:
    """What became of all that they have reported: how many in each state."""
    states = Report.objects.filter(reporter_id=reporter_id).values_list("state").order_by("state")
    return dict(states.annotate(count=Count("id")))


def entries_of_report(report: Report) -> list[ModerationEntry]:
    """What staff did about it, the oldest first, and what they did about other reports of the same; who read it is not
    among it."""
    same = Report.objects.filter(**{name: getattr(report, name) for name in TARGET}).values("id")
    about_it = Q(report_id=report.id) & ~Q(deed=Deed.LOOKED)
    done = Q(report_id__in=same) & ~Q(deed__in=ABOUT_REPORTS)
    return list(ModerationEntry.objects.filter(about_it | done).order_by("id"))


def entries_about(person_id: UUID) -> list[ModerationEntry]:
    """What staff did to a person, the latest first."""
    done = ModerationEntry.objects.filter(person_id=person_id).exclude(deed__in=ABOUT_REPORTS)
    return list(done.order_by("-id")[:HISTORY_LIMIT])


def undone_among(entries: Iterable[ModerationEntry]) -> set[int]:
    """The ids of those that were taken back."""
    ids = [entry.pk for entry in entries]
    return {entry.undoes for entry in ModerationEntry.objects.filter(undoes__in=ids) if entry.undoes}


def reasons() -> Sequence[str]:
    return Reason.values


def kinds() -> Sequence[str]:
    return TargetKind.values
