"""Something is reported to the staff of the installation, who ask how many reports wait."""

from typing import Any, TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.errors import Invalid, TooMany
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Id, Moment, utc
from chat_svc import services
from chat_svc.errors import ChatNotFound, MessageNotFound, NotAllowed, NotStaff, TargetNotFound
from chat_svc.models import Reason, Report
from chat_svc.services.moderation import Right, Staff, require_right

REASONS = ", ".join(f"`{reason}`" for reason in Reason.values)
NOTE = "The same once more answers 200 and the first report, until it is closed. Nobody but the staff hears of it."


class NewReport(serializers.Serializer[Any]):
    reason = StrictCharField(help_text=f"One of {REASONS}.")
    note = StrictCharField(required=False, allow_blank=True, help_text="At most 1,000 characters.")


class NewTargetReport(NewReport):
    kind = StrictCharField(help_text="`person` or `invitation`.")
    id = serializers.UUIDField()


class ReportJson(TypedDict):
    id: Id
    reason: str
    created_at: Moment


def _answer(made: tuple[Report, bool]) -> Response:
    report, is_new = made
    shown: ReportJson = {"id": str(report.id), "reason": report.reason, "created_at": utc(report.created_at)}
    return Response(shown, status=201 if is_new else 200)


class WaitingReportsJson(TypedDict):
    """`waiting`: how many wait for me, up to a thousand; escalated ones wait for administrators."""

    waiting: int


class WaitingReportsView(ApiView):
    @operation(
        "Count the reports that wait",
        {200: WaitingReportsJson},
        note="For staff who handle reports, who also hear `report.created` and `reports.changed`.",
        refusals=[NotStaff],
    )
    def get(self, request: Request) -> Response:
        person = require_right(Staff(id=person_of(request).id), Right.HANDLE_REPORTS)
        shown: WaitingReportsJson = {"waiting": services.waiting_for(person)}
        return Response(shown)


class MessageReportView(ApiView):
    @operation(
        "Report a message",
        {201: ReportJson, 200: ReportJson},
        note=f"{NOTE} The message is kept as it is now, with three before and after it; it goes with a temporary chat.",
        body=NewReport,
        refusals=[ChatNotFound, MessageNotFound, NotAllowed, TooMany, Invalid],
    )
    def post(self, request: Request, chat_id: UUID, seq: int) -> Response:
        data = parse(NewReport, request.data)
        return _answer(services.report_message(chat_id=chat_id, reporter_id=person_of(request).id, seq=seq, **data))


class ReportsView(ApiView):
    @operation(
        "Report a person or an invitation",
        {201: ReportJson, 200: ReportJson},
        note=NOTE,
        body=NewTargetReport,
        refusals=[TargetNotFound, TooMany, Invalid],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewTargetReport, request.data)
        target_id = data.pop("id")
        return _answer(services.report_target(target_id=target_id, reporter_id=person_of(request).id, **data))
