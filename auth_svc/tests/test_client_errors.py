"""Errors in people's browsers: whoever meets one may say so, a little; staff read of it, and nobody's secrets."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from abdre.db import close_connections
from abdre.limits import forget
from abdre.tests.authenticator import Authenticator
from auth_svc.models import ClientError
from auth_svc.services import client_errors, create_administrator, forget_client_errors
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import FIREFOX, PASSWORD, Browser, Visitor, code_of

PATH = "/api/auth/client-errors"
LIST = "/admin/auth_svc/clienterror/"
REQUEST_ID = "5f0c6a1d9e3b4c7f8a2b1c0d9e8f7a6b"
REPORT: dict[str, Any] = {
    "message": "TypeError: item is undefined",
    "file": "/static/js/timeline.js",
    "line": 10,
    "column": 5,
    "stack": "TypeError: item is undefined\n    at draw (http://testserver/static/js/timeline.js:10:5)",
    "page": "/chats/0a1b2c3d-0000-4000-8000-00000000000a",
    "version": "1.2.3",
    "request_id": REQUEST_ID,
}


@pytest.fixture(autouse=True)
def nobody_has_reported_yet() -> None:
    """What other tests reported counts towards the limit of everybody together."""
    forget("client-error.kind", "all")


def reported() -> list[ClientError]:
    return list(ClientError.objects.all())


@pytest.fixture
def tab(browser) -> Browser:
    tab: Browser = browser()
    return tab


@pytest.fixture
def admin(browser) -> Browser:
    create_administrator(username="root.admin", password=PASSWORD)
    tab: Browser = browser()
    tab.login("root.admin")
    add_passkey(tab, Authenticator("http://testserver"))
    return tab


def test_nobody_yet_may_report_and_the_row_says_what_where_and_of_which_release(tab: Browser):
    response = tab.post(PATH, REPORT)

    assert (response.status_code, response.content) == (204, b"")
    [error] = reported()
    assert (error.message, error.file) == (REPORT["message"], REPORT["file"])
    assert (error.line, error.column) == (10, 5)
    assert error.stack == "at draw (/static/js/timeline.js:10:5)"
    assert (error.page, error.version, error.request_id) == ("/chats/:id", "1.2.3", REQUEST_ID)
    assert (error.browser, error.user_id, error.count) == (FIREFOX, None, 1)


def test_the_same_error_is_counted_in_one_row_with_who_met_it_last(tab: Browser, ada: Visitor):
    tab.post(PATH, REPORT)
    [first] = reported()

    ada.post(PATH, {**REPORT, "page": "/profile", "request_id": "another"})

    [error] = reported()
    assert (error.id, error.count, error.first_at) == (first.id, 2, first.first_at)
    assert error.last_at > first.last_at
    assert (error.page, error.request_id, error.user_id) == ("/profile", "another", ada.id)


@pytest.mark.parametrize(
    "other", [{"message": "another"}, {"file": "/static/js/main.js"}, {"line": 11}, {"version": "1.2.4"}], ids=str
)
def test_other_words_another_place_and_another_release_are_another_error(tab: Browser, other: dict[str, Any]):
    tab.post(PATH, REPORT)
    tab.post(PATH, {**REPORT, **other})

    assert [error.count for error in reported()] == [1, 1]


def test_errors_that_differ_by_somebodys_secrets_alone_are_one(tab: Browser):
    for name in ("ada", "bob"):
        tab.post(PATH, {**REPORT, "message": f"no such person: {name}@example.org"})

    [error] = reported()
    assert (error.message, error.count) == ("no such person: ***", 2)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_meet_a_new_error_at_once_each_is_counted(visitor):
    people = [visitor() for _ in range(20)]
    start = Barrier(len(people))

    def report(person: Visitor) -> int:
        start.wait(timeout=30)
        try:
            return person.post(PATH, REPORT).status_code
        finally:
            close_connections()

    with ThreadPoolExecutor(len(people)) as threads:
        answers = list(threads.map(report, people))

    assert answers == [204] * 20
    assert [error.count for error in reported()] == [20]


def test_a_message_alone_is_enough(somebody: Visitor):
    assert somebody.post(PATH, {"message": "oh"}).status_code == 204
    [error] = reported()
    assert (error.message, error.file, error.line, error.page) == ("oh", "", 0, "")


def test_another_sites_page_may_not_report(tab: Browser):
    by_site = tab.post(PATH, REPORT, Sec_Fetch_Site="cross-site")
    by_origin = tab.post(PATH, REPORT, Origin="https://evil.example")

    assert [by_site.status_code, by_origin.status_code] == [403, 403]
    assert reported() == []


def test_by_cookie_the_csrf_token_is_needed(tab: Browser):
    tab.register("carol")

    assert tab.post(PATH, REPORT, X_CSRFToken="").status_code == 403
    assert reported() == []
    assert tab.post(PATH, REPORT).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * 501}, "message"),
        ({"message": 7}, "message"),
        ({"message": "a\0b"}, "message"),
        ({"message": "\ud800"}, "message"),
        ({"file": "x" * 301}, "file"),
        ({"page": "x" * 301}, "page"),
        ({"stack": "x" * 4_001}, "stack"),
        ({"version": "x" * 101}, "version"),
        ({"request_id": "x" * 65}, "request_id"),
        ({"line": -1}, "line"),
        ({"line": "10"}, "line"),
        ({"column": 10**12}, "column"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_wrong_is_named_and_not_stored(tab: Browser, wrong: dict[str, Any], field: str):
    response = tab.post(PATH, {**REPORT, **wrong})

    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert set(response.json()["error"]["fields"]) == {field}
    assert reported() == []


def test_what_is_no_object_of_json_is_refused(tab: Browser):
    assert tab.post(PATH, [REPORT]).status_code == 400
    assert tab.client.post(PATH, REPORT, headers=tab.own_headers()).status_code == 415
    assert reported() == []


def test_the_longest_report_fits_into_its_row_when_scrubbing_makes_it_longer(tab: Browser):
    longest = {
        "message": ("/join/a " * 63)[:500],
        "file": ("/join/a/" * 38)[:300],
        "page": ("/join/a/" * 38)[:300],
        "stack": ("/join/a/x:1:1\n" * 286)[:4_000],
    }

    assert tab.post(PATH, longest, User_Agent="x" * 1_000).status_code == 204
    [error] = reported()
    error.full_clean()


def test_too_many_are_refused_and_nothing_of_them_is_stored(
    tab: Browser, ada: Visitor, visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(client_errors.REPORTS_PER_SUBJECT, "limit", 2)
    for reporter in (tab, ada):
        reporter.post(PATH, REPORT)
        reporter.post(PATH, REPORT)
    ada.address = visitor().address  # a person is the same in every network

    refused = [reporter.post(PATH, {**REPORT, "message": "new"}) for reporter in (tab, ada)]

    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(429, "too_many")] * 2
    assert all(int(answer["Retry-After"]) > 0 for answer in refused)
    assert [error.count for error in reported()] == [4]
    assert visitor().post(PATH, REPORT).status_code == 204


def test_whoever_invents_errors_fills_no_table_and_known_ones_are_still_counted(
    visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(client_errors.KINDS, "limit", 3)

    answers = [visitor().post(PATH, {**REPORT, "message": f"invented {number}"}).status_code for number in range(5)]

    assert answers == [204, 204, 204, 429, 429]
    assert visitor().post(PATH, {**REPORT, "message": "invented 0"}).status_code == 204
    assert sorted(error.count for error in reported()) == [1, 1, 2]


def test_while_the_database_is_away_the_page_is_told_to_come_again(tab: Browser):
    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        response = tab.post(PATH, REPORT)

    assert (response.status_code, response["Retry-After"]) == (503, "1")


def test_after_a_month_it_is_forgotten_unless_it_was_met_again(tab: Browser):
    long_ago = timezone.now() - timedelta(days=31)
    for message in ("gone", "still there"):
        tab.post(PATH, {**REPORT, "message": message})
    ClientError.objects.update(first_at=long_ago, last_at=long_ago)
    tab.post(PATH, {**REPORT, "message": "still there"})

    assert forget_client_errors() == 1
    assert [error.message for error in reported()] == ["still there"]


def test_of_too_many_kinds_those_longest_unseen_are_forgotten(tab: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_errors, "KINDS_KEPT", 2)
    for message in ("first", "second", "third", "first"):
        tab.post(PATH, {**REPORT, "message": message})

    assert forget_client_errors() == 1
    assert {error.message for error in reported()} == {"first", "third"}


def test_staff_read_page_release_and_request_and_find_a_row_by_any_of_them(admin: Browser, ada: Visitor):
    ada.post(PATH, REPORT)

    listed = admin.get(LIST).content.decode()
    row = admin.get(f"{LIST}{reported()[0].pk}/change/").content.decode()

    for shown in (REPORT["message"], "/chats/:id", "1.2.3"):
        assert shown in listed
    for shown in (REPORT["message"], "/chats/:id", "1.2.3", REQUEST_ID, str(ada.id)):
        assert shown in row
    for sought in ("undefined", "timeline.js", REQUEST_ID, str(ada.id), "/chats"):
        assert REPORT["message"] in admin.get(f"{LIST}?q={sought}").content.decode(), sought
    assert REPORT["message"] not in admin.get(f"{LIST}?q=nothing-like-it").content.decode()


def test_staff_read_the_stack(admin: Browser):
    admin.post(PATH, REPORT)
    [error] = reported()

    assert "at draw (/static/js/timeline.js:10:5)" in admin.get(f"{LIST}{error.id}/change/").content.decode()


def test_nobody_else_reads_it(tab: Browser, ada: Visitor):
    tab.post(PATH, REPORT)
    assert tab.get(LIST).status_code == 302
    tab.register("carol")

    response = tab.get(LIST)

    assert response.status_code == 403
    assert REPORT["message"].encode() not in response.content
    assert ada.get(PATH).status_code == 405


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_what_a_stranger_writes_is_text_to_staff(admin: Browser, somebody: Visitor):
    hostile = dict.fromkeys(("message", "file", "page", "version"), HOSTILE)
    somebody.post(PATH, {**hostile, "request_id": "<b>id</b>", "stack": f"{HOSTILE} /x:1:1"}, User_Agent=HOSTILE)
    [error] = reported()

    for path in (LIST, f"{LIST}{error.id}/change/"):
        page = admin.get(path).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "<b>id" not in page
