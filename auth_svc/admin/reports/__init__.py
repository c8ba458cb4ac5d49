"""What people report: the queue, each report's page, and what is done to reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from auth_svc.admin.conversation import file_ids
from auth_svc.admin.deeds.screen import staff_of
from auth_svc.admin.read_only import ReadOnly
from auth_svc.admin.reading import to_the_file
from auth_svc.admin.reports.deeds import deed_on_reports, ways_of
from auth_svc.admin.reports.page import report_page
from auth_svc.admin.reports.queue import queue_page
from auth_svc.services.report_alerts import looked_at_reports
from chat_svc.errors import ReportNotFound
from chat_svc.selectors.reports import report_by_id
from chat_svc.services import moderation
from chat_svc.services.moderation import Right


class ReportAdmin(ReadOnly):
    """No list of rows but a queue, at the addresses of one."""

    right = Right.HANDLE_REPORTS
    title = _("Reports")

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view
        own = [
            path("deeds/", door(self.deed_view), name="chat_svc_report_deed"),
            path("<uuid:report_id>/files/<uuid:attachment_id>/", door(self.file_view), name="chat_svc_report_file"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._check(request)
        facts = queue_page(request)
        looked_at_reports(user_id=staff_of(request).id)  # who has the queue before them needs no letter
        ways = ways_of(facts["tab"], request.user)
        return self._page(request, "admin/reports/queue.html", {"title": self.title, "ways": ways, **facts})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check(request)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        report = self._looked_at(request, _uuid(object_id))
        shown = {"title": pgettext("a report", "Report"), **report_page(request, report)}
        return self._page(request, "admin/reports/report.html", shown)

    def deed_view(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        return deed_on_reports(request, self.admin_site.each_context(request))

    def file_view(self, request: HttpRequest, report_id: UUID, attachment_id: UUID) -> HttpResponse:
        """One of what was reported, or of what stands around it."""
        self._check(request)
        report = self._looked_at(request, report_id)
        if attachment_id not in file_ids(report.snapshot or []):
            raise Http404
        return to_the_file(request, report.chat_id, attachment_id)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _looked_at(self, request: HttpRequest, report_id: UUID) -> Any:
        """The report; that somebody reads it is noted."""
        try:
            moderation.look_at_report(by=staff_of(request), report_id=report_id)
            return report_by_id(report_id)
        except ReportNotFound as problem:
            raise Http404 from problem

    def _page(self, request: HttpRequest, template: str, facts: dict[str, Any]) -> HttpResponse:
        return render(request, template, {**self.admin_site.each_context(request), **facts})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as problem:
        raise Http404 from problem
