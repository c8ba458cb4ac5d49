"""Reports are taken on, given back, passed on and closed; each by one conditional UPDATE, so that of two one wins.

What was escalated is for who may appoint staff, which only administrators may. To whom a report is about,
them or their bot or code, it is not there: nobody judges themselves.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.errors import AppError
from chat_svc.errors import (
    CannotUndo,
    MessageDeleted,
    NothingToDelete,
    NotStaff,
    ReportClosed,
    ReportEscalated,
    ReportFree,
    ReportNotFound,
    ReportTaken,
)
from chat_svc.events import ReportNews
from chat_svc.models import WAITING, Deed, ModerationEntry, Report, ReportState, TargetKind
from chat_svc.selectors.waiting_reports import is_about
from chat_svc.services import alerts
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.messages import delete_messages
from chat_svc.services.moderation.staff import Right, Staff, may, require_right
from user_svc.selectors import notices_of
from user_svc.services import NoticeKind, tell_staff_notice

if TYPE_CHECKING:
    from user_svc.models import User

# What `reopen_report` takes back.
UNDOABLE = {
    Deed.REPORT_RESOLVED: ReportState.RESOLVED,
    Deed.REPORT_REJECTED: ReportState.REJECTED,
    Deed.REPORT_ESCALATED: ReportState.ESCALATED,
}
# What changes how many wait for whom.
NEWS = {
    Deed.REPORT_ESCALATED: ReportNews.ESCALATED,
    Deed.REPORT_RESOLVED: ReportNews.CHANGED,
    Deed.REPORT_REJECTED: ReportNews.CHANGED,
    Deed.REPORT_REOPENED: ReportNews.CHANGED,
}
FREE = {"claimed_by": None, "claimed_at": None}


def claim_report(*, by: Staff, report_id: UUID) -> None:
    """Who has it already keeps it. Raises NotStaff, ReportNotFound, ReportClosed, ReportEscalated, ReportTaken."""
    actor = require_right(by, Right.HANDLE_REPORTS)
    if Report.objects.filter(_waiting_for(actor), id=report_id, claimed_by=actor).exists():
        return
    free = _waiting_for(actor) & Q(claimed_by=None)
    _change(by, actor, Deed.REPORT_CLAIMED, report_id, free, claimed_by=actor, claimed_at=timezone.now())


def release_report(*, by: Staff, report_id: UUID) -> None:
    """What one has taken; administrators also what others have. Raises as `claim_report`, and ReportFree."""
    actor = require_right(by, Right.HANDLE_REPORTS)
    whose = Q(claimed_by__isnull=False) if is_administrator(actor) else Q(claimed_by=actor)
    _change(by, actor, Deed.REPORT_RELEASED, report_id, _waiting_for(actor) & whose, **FREE)


def resolve_report(*, by: Staff, report_id: UUID) -> None:
    """Something was done about it. Raises as `claim_report`, and ReasonMissing."""
    _close(by, Deed.REPORT_RESOLVED, report_id)


def delete_reported_message(*, by: Staff, report_id: UUID) -> None:
    """What was reported is deleted, unless it is already, and the report resolved: both or neither.

    Raises as `resolve_report` and `delete_messages`, and NothingToDelete.
    """
    report = Report.objects.filter(id=report_id).exclude(is_about(by.id)).only("chat_id", "seq").first()
    if report is None:
        raise ReportNotFound
    if report.chat_id is None:
        raise NothingToDelete
    with transaction.atomic():
        with suppress(MessageDeleted):
            delete_messages(by=replace(by, report_id=report_id), chat_id=report.chat_id, seqs=[report.seq])
        resolve_report(by=by, report_id=report_id)


def reject_report(*, by: Staff, report_id: UUID) -> None:
    """Nothing was to be done about it. Raises as `resolve_report`."""
    _close(by, Deed.REPORT_REJECTED, report_id)


def escalate_report(*, by: Staff, report_id: UUID) -> None:
    """For the administrators; nobody has it then. Raises as `resolve_report`."""
    actor = require_right(by, Right.HANDLE_REPORTS)
    ours = Q(state=ReportState.OPEN) & _free_or_own(actor)
    _change(by, actor, Deed.REPORT_ESCALATED, report_id, ours, state=ReportState.ESCALATED, **FREE)


def reopen_report(*, by: Staff, report_id: UUID) -> None:
    """Back among the open ones: by who closed or escalated it, or an administrator.

    Raises NotStaff, ReportNotFound, ReportTaken, CannotUndo also where its reporter has made a new one, ReasonMissing.
    """
    actor = require_right(by, Right.HANDLE_REPORTS)
    last = ModerationEntry.objects.filter(report_id=report_id, deed__in=UNDOABLE).first()
    if not (is_administrator(actor) or (last and last.actor_id == actor.id)):
        raise NotStaff
    done = Q(state__in=[ReportState.RESOLVED, ReportState.REJECTED])
    passed_on = Q(state=ReportState.ESCALATED) & _free_or_own(actor)
    open_again: dict[str, Any] = {"state": ReportState.OPEN, "closed_by": None, "closed_at": None, **FREE}
    undoes = last.pk if last else None
    try:
        _change(by, actor, Deed.REPORT_REOPENED, report_id, done | passed_on, undoes=undoes, **open_again)
    except IntegrityError as problem:  # of two about the same by one person, one waits
        raise CannotUndo from problem


def is_administrator(actor: User) -> bool:
    return may(actor, Right.APPOINT_STAFF)


def _close(by: Staff, deed: Deed, report_id: UUID) -> None:
    actor = require_right(by, Right.HANDLE_REPORTS)
    ours = _waiting_for(actor) & _free_or_own(actor)
    now = timezone.now()
    with transaction.atomic():
        report = _change(by, actor, deed, report_id, ours, state=UNDOABLE[deed], closed_by=actor, closed_at=now)
        _tell_reporter(report)


def _tell_reporter(report: Report) -> None:
    """That it was looked at, not what came of it; once until they have read it, however many they reported."""
    if report.reporter.deletion_begun_at is not None:  # nobody reads it, and nothing may be left of them
        return
    kind = NoticeKind.REPORT_HANDLED
    if not notices_of(report.reporter_id).filter(kind=kind, seen_at=None).exists():
        tell_staff_notice(user_id=report.reporter_id, kind=kind, reason="")


def _waiting_for(actor: User) -> Q:
    states = WAITING if is_administrator(actor) else (ReportState.OPEN,)
    return Q(state__in=states)


def _free_or_own(actor: User) -> Q:
    return Q(claimed_by=None) | Q(claimed_by=actor)


def _change(
    by: Staff, actor: User, deed: Deed, report_id: UUID, where: Q, *, undoes: int | None = None, **facts: Any
) -> Report:
    with transaction.atomic():
        if not Report.objects.filter(where, id=report_id).exclude(is_about(actor.id)).update(**facts):
            raise _refusal(actor, deed, report_id)
        report = Report.objects.defer("snapshot").get(id=report_id)
        is_code = report.target_kind == TargetKind.INVITATION
        note(
            replace(by, report_id=report_id),
            deed,
            person_id=None if is_code else report.target_id,
            target_id=report.target_id if is_code else None,
            chat_id=report.chat_id,
            seq=report.seq,
            undoes=undoes,
        )
        if deed in NEWS:
            alerts.tell_staff(NEWS[deed])
    return report


def _refusal(actor: User, deed: Deed, report_id: UUID) -> AppError:
    """Why nothing was changed."""
    seen = Report.objects.exclude(is_about(actor.id)).defer("snapshot").select_related("claimed_by")
    report = seen.filter(id=report_id).first()
    if report is None:
        return ReportNotFound()
    if deed == Deed.REPORT_REOPENED and report.state != ReportState.ESCALATED:
        return CannotUndo()
    if report.state not in WAITING:
        return ReportClosed()
    if report.claimed_by is not None and report.claimed_by != actor:
        return ReportTaken(_("%(name)s has taken this report.") % {"name": report.claimed_by.display_name})
    if report.state == ReportState.ESCALATED:
        return ReportEscalated()
    return ReportFree()
