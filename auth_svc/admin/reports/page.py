"""A report's page: what was said and what became of it, who is in it, what was done, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auth_svc.admin.conversation import Earlier, Said, conversation, earlier, file_ids
from auth_svc.admin.entry import has_right
from auth_svc.admin.reports.buttons import Targets, buttons, undo_path
from auth_svc.admin.reports.queue import age_of, queue_path
from auth_svc.admin.words import CHOICES, STANDINGS
from auth_svc.selectors.invitations import invitations_by_id
from chat_svc.selectors import files_still_there
from chat_svc.selectors import reports as reported
from chat_svc.selectors.edits import edits_between
from chat_svc.services import moderation
from chat_svc.services.moderation import Deed, Right, is_administrator
from user_svc.selectors import users_by_id


class Since(NamedTuple):
    """What became of the message after it was reported. `said`: what it says now, where that is something else."""

    is_gone: bool
    deleted_at: datetime | None
    said: str
    earlier: list[Earlier]


@dataclass(frozen=True)
class Happened:
    """One entry of the log. `undo`: where it is taken back."""

    what: str
    who: str
    to: str
    at: datetime
    reason: str
    is_undone: bool
    undo: str


def report_page(request: HttpRequest, report: Any) -> dict[str, Any]:
    """What the template shows; that it is shown was noted already."""
    here = reverse("admin:chat_svc_report_change", args=[report.id])
    code = invitations_by_id([report.target_id]).get(report.target_id) if report.target_kind == "invitation" else None
    targets = _targets(report, code)
    about = reported.entries_of_report(report)
    told_there = {entry.pk for entry in about}
    history = [entry for entry in _history(targets.person) if entry.pk not in told_there]
    people = users_by_id({*_named([*about, *history]), *([targets.person] if targets.person else [])})
    way = {"report": report.id, "next": here}
    told = _Teller(request.user, people, reported.undone_among([*about, *history]), way)
    others = reported.reports_about(report)
    return {
        "report": report,
        "kind": CHOICES[report.target_kind],
        "reason": CHOICES[report.reason],
        "state": CHOICES[report.state],
        "age": age_of(report.created_at),
        "said": _said(report, here),
        "since": _since(report),
        "person": people.get(targets.person) if targets.person else None,
        "code": code,
        "code_standing": STANDINGS[code.status(timezone.now())][0] if code else "",
        "groups": buttons(request.user, targets, **way),
        "about": [told(entry) for entry in about],
        "history": [told(entry) for entry in history],
        "record": [(CHOICES[state], count) for state, count in reported.record_of(report.reporter_id).items()],
        "others": [_Other.of(other, report) for other in others],
        "beside": [one.id for one in others if one.state == report.state and reported.is_about_the_same(one, report)],
        "opens_people": has_right(request, Right.MODERATE_PEOPLE),
        "here": here,
        "queue": queue_path(),
        **_standing(request.user, report, about),
    }


def _standing(user: Any, report: Any, entries: list[Any]) -> dict[str, bool]:
    """Which of the deeds on the report itself `user` is offered."""
    above = is_administrator(user)
    waits = report.state == "open" or (report.state == "escalated" and above)
    is_mine = report.claimed_by_id == user.id
    is_free = report.claimed_by_id is None
    closings = [entry for entry in entries if entry.report_id == report.id and entry.deed in moderation.UNDOABLE]
    is_ones_own = bool(closings) and closings[-1].actor_id == user.id
    return {
        "is_mine": is_mine,
        "may_claim": waits and is_free,
        "may_release": waits and not is_free and (is_mine or above),
        "may_close": waits and (is_free or is_mine),
        "may_escalate": report.state == "open" and (is_free or is_mine) and not above,
        "may_reopen": report.state != "open" and (above or is_ones_own),
    }


def _targets(report: Any, code: Any) -> Targets:
    if report.target_kind == "invitation":
        return Targets(code.created_by_id, code.chat_id, invitation=code.id) if code else Targets()
    return Targets(report.target_id, report.chat_id, report.seq)


def _said(report: Any, here: str) -> list[Said]:
    messages = report.snapshot
    if not messages:
        return []
    there = files_still_there(chat_id=report.chat_id, ids=file_ids(messages))
    files_at = here.removesuffix("change/") + "files/"
    return conversation(messages, files_at=files_at, still_there=there, reported=report.seq)


def _since(report: Any) -> Since | None:
    """None of what is no message."""
    if report.target_kind != "message":
        return None
    now = reported.message_now(report)
    if now is None:
        return Since(is_gone=True, deleted_at=None, said="", earlier=[])
    then = next((one for one in report.snapshot or [] if one["seq"] == report.seq), None)
    version = then["version"] if then else 0
    edits = edits_between(chat_id=report.chat_id, first=report.seq, last=report.seq).get(report.seq, [])
    # The first of them is what was reported, and stands above.
    later = [edit for edit in edits if edit["version"] > version and edit["body"] != (then or {}).get("body")]
    is_other = not now.deleted_at and now.body != (then or {}).get("body")
    return Since(False, now.deleted_at, now.body if is_other else "", earlier(later))


def _history(person_id: UUID | None) -> list[Any]:
    return reported.entries_about(person_id) if person_id else []


def _named(entries: Iterable[Any]) -> set[UUID]:
    return {named for entry in entries for named in (entry.actor_id, entry.person_id) if named}


@dataclass(frozen=True)
class _Teller:
    """Entries of the log in words."""

    user: Any
    people: dict[UUID, Any]
    undone: set[int]
    way: dict[str, Any]

    def __call__(self, entry: Any) -> Happened:
        is_undone = entry.pk in self.undone
        return Happened(
            what=str(Deed(entry.deed).label) if entry.deed in Deed.values else entry.deed,
            who=self._name(entry.actor_id),
            to=self._name(entry.person_id) if entry.person_id else "",
            at=entry.at,
            reason=entry.reason,
            is_undone=is_undone,
            undo="" if is_undone else undo_path(self.user, entry, **self.way),
        )

    def _name(self, user_id: UUID) -> str:
        person = self.people.get(user_id)
        return person.display_name if person else _("nobody any more")


class _Other(NamedTuple):
    """Another report of the same person or code."""

    path: str
    reason: str
    state: str
    who: str
    age: str
    is_same: bool

    @classmethod
    def of(cls, other: Any, report: Any) -> _Other:
        return cls(
            reverse("admin:chat_svc_report_change", args=[other.id]),
            str(CHOICES[other.reason]),
            str(CHOICES[other.state]),
            other.reporter.display_name,
            age_of(other.created_at),
            reported.is_about_the_same(other, report),
        )
