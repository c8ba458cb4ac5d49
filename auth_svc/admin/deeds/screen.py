"""The frame of a deed's screen; it asks, and a service does it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from abdre.errors import AppError
from abdre.limits import address_prefix
from auth_svc.admin.entry import has_right
from auth_svc.admin.values import in_words
from chat_svc.services.moderation import REASON_LIMIT, Right, Staff

HIDDEN = forms.HiddenInput


class DeedForm(forms.Form):
    """`report`: what it is done about. `next`: where to go on."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the log, and the person it is done to reads it."),
    )
    report = forms.UUIDField(required=False, widget=HIDDEN)
    next = forms.CharField(required=False, widget=HIDDEN)

    def targets(self) -> dict[str, Any]:
        """The hidden fields as they came, where they can be read at all."""
        self.is_valid()
        hidden = {field.name for field in self.hidden_fields()}
        return {name: value for name, value in self.cleaned_data.items() if name in hidden}

    def refuse(self, refused: AppError) -> None:
        """By the field it is about, else above all of them."""
        if not refused.fields:
            self.add_error(None, refused.text)
        for name, problems in (refused.fields or {}).items():
            self.add_error(name if name in self.fields else None, problems)


class PersonForm(DeedForm):
    person = forms.UUIDField(widget=HIDDEN)


Fact = tuple[Any, Any]  # (what it is, as which value)


class DeedScreen(ABC):
    name: ClassVar[str]
    title: ClassVar[Any]
    button: ClassVar[Any]
    right: ClassVar[Right]
    form: ClassVar[type[DeedForm]] = DeedForm

    @abstractmethod
    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        """What it is about. `by` reads it. `asked`: the hidden fields. Raises AppError for what is not there."""

    @abstractmethod
    def run(self, by: Staff, data: Mapping[str, Any]) -> Any:
        """Do it; answers what to tell who did it. Raises AppError."""


def staff_of(request: HttpRequest, *, reason: str = "", report_id: Any = None) -> Staff:
    """Who acts by this request."""
    assert request.user.pk  # the door lets nobody else in
    return Staff(id=request.user.pk, reason=reason, address=address_prefix(request), report_id=report_id)


@dataclass(frozen=True)
class Screens:
    """The pages of all deeds; `context` is what every page of the admin shows."""

    context: Callable[[HttpRequest], dict[str, Any]]

    def view(self, screens: Mapping[str, DeedScreen]) -> Callable[..., HttpResponse]:
        def deed(request: HttpRequest, name: str) -> HttpResponse:
            if name not in screens:
                raise Http404
            return self._answer(request, screens[name])

        return deed

    def _answer(self, request: HttpRequest, screen: DeedScreen) -> HttpResponse:
        if not has_right(request, screen.right):
            return render(request, "admin/forbidden.html", self.context(request), status=403)
        form = screen.form(request.POST) if request.method == "POST" else screen.form(initial=request.GET.dict())
        if request.method == "POST" and form.is_valid() and _is_done(request, screen, form):
            return HttpResponseRedirect(_way_on(request, form.cleaned_data["next"]))
        return self._page(request, screen, form)

    def _page(self, request: HttpRequest, screen: DeedScreen, form: DeedForm) -> HttpResponse:
        asked = request.POST.dict() if form.is_bound else request.GET.dict()
        try:
            found = screen.about(staff_of(request), screen.form(asked).targets())
            about = [(name, in_words(value)) for name, value in found]
        except (AppError, KeyError) as refused:  # not there any more, or not named
            raise Http404 from refused
        facts = {"title": screen.title, "screen": screen, "form": form, "about": about}
        status = 422 if form.errors else 200
        return render(request, "admin/deed.html", {**self.context(request), **facts}, status=status)


def _is_done(request: HttpRequest, screen: DeedScreen, form: DeedForm) -> bool:
    data = form.cleaned_data
    by = staff_of(request, reason=data["reason"], report_id=data["report"])
    try:
        messages.success(request, screen.run(by, data))
    except AppError as refused:
        form.refuse(refused)
        return False
    return True


def _way_on(request: HttpRequest, path: str) -> str:
    return path if path.startswith("/admin/") and url_has_allowed_host_and_scheme(path, None) else "/admin/"
