"""Pages of the staff that are neither lists of rows nor deeds: who may open one, and what it is shown with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from auth_svc.admin.entry import has_right
from chat_svc.services.moderation import Right

Context = Callable[[HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class Pages:
    """`context` is what every page of the admin shows."""

    context: Context

    def guarded(self, right: Right, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """For who has the right; everybody else of the staff reads that it is not theirs."""

        def page(request: HttpRequest, **place: Any) -> HttpResponse:
            if not has_right(request, right):
                return render(request, "admin/forbidden.html", self.context(request), status=403)
            return view(request, **place)

        return page

    def show(self, request: HttpRequest, template: str, status: int = 200, **facts: Any) -> HttpResponse:
        return render(request, template, {**self.context(request), **facts}, status=status)
