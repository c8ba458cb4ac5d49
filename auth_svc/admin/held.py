"""What waits for the staff's approval: a queue, decided on one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from abdre.errors import AppError
from auth_svc.admin.deeds.screen import staff_of
from auth_svc.admin.pages import Context, Pages
from chat_svc.selectors import held_for_staff
from chat_svc.selectors.for_staff import titles_in_view
from chat_svc.services import moderation
from chat_svc.services.moderation import REASON_LIMIT, Right, Staff

PAGE = 50
WHY = {
    "words": gettext_lazy("By the word filter"),
    "link": gettext_lazy("A guest’s link"),
    "file": gettext_lazy("A guest’s file"),
}
DEEDS = {"approve": moderation.approve_held_message, "reject": moderation.reject_held_message}


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LIMIT,
        required=False,
        help_text=gettext_lazy("Needed where something is rejected. It stands in the log."),
    )


class HeldPages(Pages):
    def queue(self, request: HttpRequest) -> HttpResponse:
        form = DecisionForm(request.POST or None)
        deed = request.POST.get("deed", "")
        if deed in DEEDS and form.is_valid() and self._decide(request, deed, form):
            return HttpResponseRedirect(request.path)
        rows = list(held_for_staff()[: PAGE + 1])
        moderation.look_at_held(by=staff_of(request), held_ids=[row.id for row in rows[:PAGE]])
        titled = titles_in_view([row.chat_id for row in rows])
        facts = {"items": [_shown(row, titled) for row in rows[:PAGE]], "has_more": len(rows) > PAGE, "form": form}
        status = 422 if form.errors else 200
        return self.show(request, "admin/held.html", status, title=_("Waiting for approval"), **facts)

    def _decide(self, request: HttpRequest, deed: str, form: DecisionForm) -> bool:
        """Each by itself: one whose author has gone does not stop the others."""
        chosen = _ids(request.POST.getlist("held"))
        if deed == "reject" and not form.cleaned_data["reason"].strip():
            form.add_error("reason", _("Please say why."))
            return False
        by = staff_of(request, reason=form.cleaned_data["reason"])
        problems = [problem for held_id in chosen if (problem := _problem(deed, by, held_id))]
        for problem in dict.fromkeys(problems):
            messages.error(request, problem)
        done = len(chosen) - len(problems)
        text = ngettext("%(done)s message decided on.", "%(done)s messages decided on.", done)
        messages.success(request, text % {"done": done})
        return True


def _problem(deed: str, by: Staff, held_id: UUID) -> str:
    try:
        DEEDS[deed](by=by, held_id=held_id)
    except AppError as refused:
        return str(refused.text)
    return ""


def _ids(texts: list[str]) -> list[UUID]:
    """Those of the page's own boxes; what is no id chose nothing."""
    found = []
    for text in texts[:PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _shown(row: Any, titled: Mapping[UUID, str]) -> dict[str, Any]:
    files = [file["name"] for file in (row.extras or {}).get("attachments", [])]
    return {
        "id": row.id,
        "sender": row.sender.display_name,
        "person": row.sender_id,
        "chat": titled.get(row.chat_id, ""),
        "body": row.body,
        "files": ", ".join(files),
        "why": WHY[row.why],
        "at": row.held_at,
    }


def paths(context: Context) -> list[URLPattern]:
    pages = HeldPages(context)
    return [path("held/", pages.guarded(Right.MODERATE_MESSAGES, pages.queue), name="held")]
