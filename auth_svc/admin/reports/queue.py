"""The queue: what was reported and waits, what one has taken, what is for the administrators, what is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from auth_svc.admin.conversation import in_one_line
from auth_svc.admin.words import CHOICES
from auth_svc.selectors.invitations import invitations_by_id
from chat_svc.selectors import reports as reported
from user_svc.selectors import users_by_id

TABS: dict[str, str | Promise] = {
    "open": pgettext_lazy("reports", "Open"),
    "mine": gettext_lazy("Mine"),
    "escalated": gettext_lazy("Escalated"),
    "done": gettext_lazy("Done"),
}
LINE_LIMIT = 200


class Asked(forms.Form):
    """What the address asks for; what it says wrongly is as if it were not there."""

    tab = forms.ChoiceField(choices=[(name, name) for name in TABS])
    kind = forms.ChoiceField(choices=[(kind, CHOICES[kind]) for kind in reported.kinds()], required=False)
    reason = forms.ChoiceField(choices=[(reason, CHOICES[reason]) for reason in reported.reasons()], required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)
    all = forms.BooleanField(required=False)  # every row is chosen at first: without a script, by a link


class Tab(NamedTuple):
    title: str | Promise
    path: str
    is_here: bool
    waiting: int | None


@dataclass(frozen=True)
class Row:
    """One target. `words`: of the message, or of who reported it."""

    id: UUID
    path: str
    kind: str | Promise
    reason: str | Promise
    who: str
    beside: str
    words: str
    note: str
    at: datetime
    age: str
    many: str
    taken_by: str
    is_mine: bool
    state: str
    closed_by: str


def queue_page(request: HttpRequest) -> dict[str, Any]:
    """What the queue's template shows."""
    asked = _asked(request)
    user_id = request.user.pk
    assert user_id  # the door lets nobody else in
    found = reported.queue(user_id=user_id, **asked)
    tab = asked["tab"]
    return {
        "tab": tab,
        "tabs": _tabs(tab, reported.waiting_counts(user_id)),
        "rows": _rows(found.items, user_id),
        "selects": _selects(asked),
        "is_narrowed": bool(asked["kind"] or asked["reason"]),
        "chooses_all": "all" in request.GET,
        "all_path": _path(**asked, all=1),
        "back": _path(**{**asked, "page": asked["page"] - 1}) if asked["page"] > 1 else "",
        "onward": _path(**{**asked, "page": asked["page"] + 1}) if found.has_more else "",
        "here": _path(**asked),
    }


def age_of(at: datetime) -> str:
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(at, depth=1)}


def queue_path() -> str:
    return reverse("admin:chat_svc_report_changelist")


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = Asked(request.GET)
    form.is_valid()
    said = form.cleaned_data
    default = {"tab": "open", "kind": "", "reason": "", "page": 1}
    return {name: said.get(name) or usual for name, usual in default.items()}


def _path(**asked: Any) -> str:
    default = {"tab": "open", "page": 1}
    said = {name: value for name, value in asked.items() if value and default.get(name) != value}
    return f"{queue_path()}?{urlencode(said)}" if said else queue_path()


def _tabs(here: str, counts: dict[str, int]) -> list[Tab]:
    return [Tab(title, _path(tab=tab), tab == here, counts.get(tab)) for tab, title in TABS.items()]


def _selects(asked: dict[str, Any]) -> list[dict[str, Any]]:
    titles = {"kind": _("Kind"), "reason": _("Why")}
    fields = Asked().fields
    return [
        {"name": name, "title": title, "value": asked[name], "choices": fields[name].choices}  # type: ignore[attr-defined]
        for name, title in titles.items()
    ]


def _rows(items: list[reported.Waiting], user_id: UUID) -> list[Row]:
    targets = [item.report.target_id for item in items]
    people, codes = users_by_id(targets), invitations_by_id(targets)
    return [_row(item, people, codes, user_id) for item in items]


def _row(item: reported.Waiting, people: Any, codes: Any, user_id: UUID) -> Row:
    report = item.report
    person, code = people.get(report.target_id), codes.get(report.target_id)
    person = person or (code and code.created_by)
    words = in_one_line(report.snapshot, report.seq)
    return Row(
        id=report.id,
        path=reverse("admin:chat_svc_report_change", args=[report.id]),
        kind=CHOICES[report.target_kind],
        reason=CHOICES[report.reason],
        who=person.display_name if person else _("nobody any more"),
        beside=_kind_of(person) or (code.label if code else ""),
        words=words[:LINE_LIMIT],
        note=report.note[:LINE_LIMIT],
        at=report.created_at,
        age=age_of(report.created_at),
        many=ngettext("%(count)s report", "%(count)s reports", item.count) % {"count": item.count}
        if item.count > 1
        else "",
        taken_by=report.claimed_by.display_name if report.claimed_by else "",
        is_mine=report.claimed_by_id == user_id,
        state=report.state,
        closed_by=report.closed_by.display_name if report.closed_by else "",
    )


def _kind_of(person: Any) -> str:
    if person and person.is_guest:
        return _("guest")
    return _("bot") if person and person.is_bot else ""
