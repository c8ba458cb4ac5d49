"""Who holds a code can tell the staff of it, without coming in; nobody else hears of that."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from auth_svc.tests.invitations.codes import Code
from auth_svc.tests.people import Visitor, assert_refused

PATH = "/api/auth/invitations/report"
Report = apps.get_model("chat_svc", "Report")


def test_a_code_is_reported_by_who_holds_it_once(eve: Visitor, code: Code, told: list[Any]):
    told.clear()

    for note in ("look", "again"):
        assert eve.post(PATH, {"token": code["token"], "reason": "spam", "note": note}).status_code == 204

    report = Report.objects.get()
    assert (report.target_kind, str(report.target_id)) == ("invitation", code["id"])
    assert (report.reporter_id, report.reason, report.note) == (eve.id, "spam", "look")
    assert told == []


@pytest.mark.parametrize(
    ("sent", "status", "code_of_refusal"),
    [
        ({"token": "a" * 32, "reason": "spam"}, 404, "invitation_unknown"),
        ({"reason": "boring"}, 422, "invalid"),
        ({"reason": "spam", "note": "x" * 1_001}, 422, "invalid"),
        ({"token": "", "reason": "spam"}, 422, "invalid"),
    ],
)
def test_what_is_no_report_is_refused(
    eve: Visitor, code: Code, sent: dict[str, str], status: int, code_of_refusal: str
):
    assert_refused(eve.post(PATH, {"token": code["token"], **sent}), status, code_of_refusal)

    assert not Report.objects.exists()


def test_nobody_reports_without_a_name(somebody: Visitor, code: Code):
    assert_refused(somebody.post(PATH, {"token": code["token"], "reason": "spam"}), 401, "not_signed_in")
