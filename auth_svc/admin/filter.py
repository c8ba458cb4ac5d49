"""The filter's rules: listed, tried with a text, added, changed, taken off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abdre.errors import AppError
from auth_svc.admin.deeds.screen import staff_of
from auth_svc.admin.pages import Context, Pages
from chat_svc.errors import RuleNotFound
from chat_svc.selectors.filtering import current_rules
from chat_svc.services import moderation
from chat_svc.services.moderation import RULE_LIMIT, Right

KINDS = {"word": gettext_lazy("A word, or a few"), "pattern": gettext_lazy("A pattern (regular expression)")}
ACTIONS = {
    "mask": gettext_lazy("Mask it: everybody reads •••"),
    "hold": gettext_lazy("Hold the message until staff approves it"),
    "refuse": gettext_lazy("Refuse the message"),
}
SHORT = {"mask": gettext_lazy("Masked"), "hold": gettext_lazy("Held"), "refuse": gettext_lazy("Refused")}
NAMES = {"word": gettext_lazy("Word"), "pattern": gettext_lazy("Pattern")}


class RuleForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=KINDS.items, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("The word or the pattern"),
        max_length=RULE_LIMIT,
        help_text=gettext_lazy("A word is found whole, whatever its letters’ case. A pattern is in RE2’s syntax."),
    )
    action = forms.ChoiceField(label=gettext_lazy("What is done"), choices=ACTIONS.items, widget=forms.RadioSelect)
    guests_only = forms.BooleanField(label=gettext_lazy("For guests only"), required=False)
    sample = forms.CharField(
        label=gettext_lazy("A text to try it with"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Nothing of it is sent or kept."),
    )

    def rule(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "text", "action", "guests_only")}

    def refuse(self, refused: AppError) -> None:
        """By the field it is about, else above all of them."""
        if not refused.fields:
            self.add_error(None, refused.text)
        for name, problems in (refused.fields or {}).items():
            self.add_error(name if name in self.fields else None, problems)


class FilterPages(Pages):
    def index(self, request: HttpRequest) -> HttpResponse:
        form = RuleForm(request.POST or None, initial={"kind": "word", "action": "hold"})
        if _is_done(form, "add" in request.POST, lambda: moderation.add_rule(by=staff_of(request), **form.rule())):
            messages.success(request, _("The rule holds now."))
            return HttpResponseRedirect(request.path)
        rules = [
            {
                "path": reverse("admin:filter-rule", args=[row.id]),
                "text": row.text,
                "kind": NAMES[row.kind],
                "action": SHORT[row.action],
                "who": _("Guests") if row.guests_only else _("Everybody"),
            }
            for row in current_rules()
        ]
        return self._page(request, form, _("Word filter"), rules=rules)

    def rule(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        row = next((row for row in current_rules() if row.id == rule_id), None)
        if row is None:
            raise Http404
        names = ("kind", "text", "action", "guests_only")
        form = RuleForm(request.POST or None, initial={name: getattr(row, name) for name in names})
        by = staff_of(request)
        if "remove" in request.POST:
            with suppress(RuleNotFound):  # another administrator was faster: it is gone
                moderation.remove_rule(by=by, rule_id=rule_id)
            messages.success(request, _("The rule is gone."))
            return HttpResponseRedirect(reverse("admin:filter"))
        if _is_done(
            form, "save" in request.POST, lambda: moderation.change_rule(by=by, rule_id=rule_id, **form.rule())
        ):
            messages.success(request, _("The rule holds now."))
            return HttpResponseRedirect(reverse("admin:filter"))
        return self._page(request, form, _("A rule of the word filter"), saved=rule_id)

    def _page(
        self, request: HttpRequest, form: RuleForm, title: str, saved: UUID | None = None, **facts: Any
    ) -> HttpResponse:
        tried = _tried(form, saved) if "try" in request.POST and form.is_valid() else None
        status = 422 if form.errors else 200
        facts |= {"title": title, "form": form, "tried": tried, "is_saved": saved is not None}
        return self.show(request, "admin/filter.html", status, **facts)


def _is_done(form: RuleForm, is_asked: bool, do: Callable[[], object]) -> bool:
    """What is wrong stands in the form then."""
    if not is_asked or not form.is_valid():
        return False
    try:
        do()
    except AppError as refused:
        form.refuse(refused)
    return not form.errors


def _tried(form: RuleForm, saved: UUID | None) -> dict[str, Any] | None:
    """What would become of the text, said by a guest: every rule is for them."""
    rule = form.rule()
    try:
        rule |= {"text": form.cleaned_data["sample"], "rule": rule["text"], "instead_of": saved}
        verdict = moderation.try_rule(is_guest=True, **rule)
    except AppError as refused:
        form.refuse(refused)
        return None
    words = SHORT[verdict.action] if verdict.action else _("Nothing is done")
    return {"action": words, "body": verdict.body, "rules": [rule.text for rule in verdict.rules]}


def paths(context: Context) -> list[URLPattern]:
    pages = FilterPages(context)
    return [
        path("filter/", pages.guarded(Right.SET_RULES, pages.index), name="filter"),
        path("filter/<uuid:rule_id>/", pages.guarded(Right.SET_RULES, pages.rule), name="filter-rule"),
    ]
