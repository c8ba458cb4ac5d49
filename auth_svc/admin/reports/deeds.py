"""What is done to reports, one or many at once: at a press, or after a page that asks why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from abdre.errors import AppError
from auth_svc.admin.deeds.screen import staff_of
from auth_svc.admin.reports.queue import queue_path
from chat_svc.selectors import reports as reported
from chat_svc.services import moderation
from chat_svc.services.moderation import REASON_LIMIT, Right, may

# Two pages of the queue, each with a few reports about the same.
AT_ONCE = 200


@dataclass(frozen=True)
class Way:
    """One deed. `lead`: what its page says; `asks`: whether it wants to know why, and `tells` who wrote it."""

    button: str | Promise
    lead: str | Promise
    run: Callable[..., Any]
    asks: bool = True
    tells: bool = False
    right: Right = Right.HANDLE_REPORTS


WAYS = {
    "claim": Way(_("Take"), "", moderation.claim_report, asks=False),
    "release": Way(_("Give back"), "", moderation.release_report, asks=False),
    "resolve": Way(_("Resolve"), _("Something was done, or is now."), moderation.resolve_report),
    "reject": Way(_("Reject"), _("Nothing is to be done."), moderation.reject_report),
    "delete": Way(
        _("Delete"),
        _("The messages are deleted for everybody, and the reports resolved."),
        moderation.delete_reported_message,
        tells=True,
        right=Right.MODERATE_MESSAGES,
    ),
    "escalate": Way(_("Escalate"), _("The administrators decide."), moderation.escalate_report),
    "reopen": Way(_("Open again"), _("They wait again, for anybody of the staff."), moderation.reopen_report),
}
# What is offered below the queue; administrators have nobody to escalate to.
OFFERED = {
    "open": ("claim", "release", "resolve", "reject", "delete", "escalate"),
    "mine": ("release", "resolve", "reject", "delete", "escalate"),
    "escalated": ("claim", "release", "resolve", "reject", "delete", "reopen"),
    "done": ("reopen",),
}


def ways_of(tab: str, user: Any) -> list[tuple[str, Way]]:
    """What `user` may do with what is chosen there. Whose report it is, each deed asks for itself."""
    if moderation.is_administrator(user):
        names = [name for name in OFFERED[tab] if name != "escalate"]
    else:
        names = ["reopen"] if tab == "escalated" else [*OFFERED[tab]]
    return [(name, WAYS[name]) for name in names if may(user, WAYS[name].right)]


class WhyForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the log, for the staff alone."),
    )

    def __init__(self, *facts: Any, tells: bool) -> None:
        super().__init__(*facts)
        if tells:
            self.fields["reason"].help_text = _("It stands in the log, and who wrote the messages reads it.")


def deed_on_reports(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """`context`: what every page of the admin shows."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    way = WAYS.get(request.POST.get("deed", ""))
    if way is None:
        raise Http404
    chosen = _chosen(request)
    if not chosen or len(chosen) > AT_ONCE:
        messages.error(request, _nothing_to_do(chosen))
        return _on(request)
    form = WhyForm(request.POST if "reason" in request.POST else None, tells=way.tells)
    if way.asks and not form.is_valid():
        return _ask(request, context, way, form, chosen)
    _do(request, way, chosen, form.cleaned_data["reason"] if way.asks else "")
    return _on(request)


def _chosen(request: HttpRequest) -> list[UUID]:
    """With those about the same; where the page has shown them (`beside`), `all` says whether they are meant."""
    ids = _ids(request, "reports")
    if "exactly" not in request.POST:
        return [report.id for report in reported.with_the_same_target(ids)]
    return ids + (_ids(request, "beside") if "all" in request.POST else [])


def _ids(request: HttpRequest, name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in request.POST.getlist(name)]
    except ValueError as problem:
        raise Http404 from problem


def _nothing_to_do(chosen: Sequence[UUID]) -> str:
    too_many = gettext("These are too many at once. Please choose fewer.")
    return too_many if chosen else gettext("Please choose a report first.")


def _ask(
    request: HttpRequest, context: dict[str, Any], way: Way, form: WhyForm, chosen: Sequence[UUID]
) -> HttpResponse:
    count = len(chosen)
    facts = {
        "title": way.button,
        "way": way,
        "deed": request.POST["deed"],
        "form": form,
        "chosen": chosen,
        "about": ngettext("%(count)s report", "%(count)s reports", count) % {"count": count},
        "next": _way_on(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/reports/deed.html", {**context, **facts}, status=status)


def _do(request: HttpRequest, way: Way, chosen: Sequence[UUID], reason: str) -> None:
    """Each by itself: what one is refused does not keep the others."""
    refusals: Counter[str] = Counter()
    for report_id in chosen:
        try:
            way.run(by=staff_of(request, reason=reason), report_id=report_id)
        except AppError as refused:
            refusals[refused.text] += 1
    done = len(chosen) - refusals.total()
    if done:
        many = ngettext("%(count)s report", "%(count)s reports", done) % {"count": done}
        messages.success(request, f"{way.button}: {many}.")
    for text, count in refusals.items():
        messages.error(request, text if count == 1 else f"{text} ({count})")


def _on(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(_way_on(request))


def _way_on(request: HttpRequest) -> str:
    path = request.POST.get("next", "")
    is_ours = path.startswith("/admin/") and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours else queue_path()
