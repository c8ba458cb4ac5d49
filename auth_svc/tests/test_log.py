"""The moderation log in the admin: who reads it, how it is searched, and how it is taken along."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_svc.admin import log, log_export
from auth_svc.tests.people import Browser, Visitor
from auth_svc.tests.test_deeds import staff
from chat_svc.services.moderation import Deed, Staff, note
from user_svc.selectors import ADMINISTRATORS, MODERATORS
from user_svc.services import rename

LOG = "/admin/chat_svc/moderationentry/"
EXPORT = f"{LOG}export/"


@pytest.fixture
def moderator(browser) -> Browser:
    return staff(browser(), "mira", MODERATORS)


@pytest.fixture
def admin(browser) -> Browser:
    return staff(browser(), "root.admin", ADMINISTRATORS)


def noted(by: Visitor, deed: Deed = Deed.WARNED, reason: str = "rude", **facts: Any) -> Any:
    report_id = facts.pop("report_id", None)
    return note(Staff(id=by.id, reason=reason, address="10.9.8.0/24", report_id=report_id), deed, **facts)


def entries() -> Any:
    return apps.get_model("chat_svc.ModerationEntry").objects


def long_ago(days: int, by: Visitor, reason: str) -> None:
    """Its time cannot be changed afterwards."""
    at = timezone.now() - timedelta(days=days)
    entries().create(at=at, actor_id=by.id, deed=Deed.WARNED, reason=reason)


def page_of(tab: Browser, query: str = "") -> str:
    answer = tab.get(f"{LOG}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_line_says_who_did_what_to_whom_where_why_and_from_where(moderator: Browser, eve: Visitor):
    chat, report = uuid4(), uuid4()
    noted(moderator, Deed.BANNED_FROM_CHAT, "<b>spam</b>", person_id=eve.id, chat_id=chat, seq=7, report_id=report)

    page = page_of(moderator)

    for said in (
        "Banned from a chat",
        "mira",
        "eve",
        "message 7",
        "&lt;b&gt;spam&lt;/b&gt;",
        "10.9.8.0/24",
        "1 in all",
    ):
        assert said in page
    for path in (f"user_svc/user/{eve.id}", f"chat_svc/chat/{chat}", f"chat_svc/report/{report}"):
        assert f'href="/admin/{path}/change/"' in page


def test_the_newest_is_first_and_names_are_those_of_today(moderator: Browser, eve: Visitor):
    noted(moderator, reason="the first", person_id=eve.id)
    noted(moderator, reason="the second", person_id=eve.id)
    rename(user_id=eve.id, display_name="Evelyn")

    page = page_of(moderator)

    assert page.index("the second") < page.index("the first")
    assert "Evelyn" in page


def test_an_entry_has_a_page_and_leads_to_what_it_takes_back(moderator: Browser, eve: Visitor):
    first = noted(moderator, Deed.SILENCED, person_id=eve.id, until="2030-01-01")
    second = noted(moderator, Deed.UNSILENCED, person_id=eve.id, undoes=first.pk)

    shown = [moderator.get(f"{LOG}{entry.pk}/change/").content.decode() for entry in (first, second)]

    assert "2030-01-01" in shown[0]
    assert f'href="{LOG}{first.pk}/change/"' in shown[1]
    assert moderator.get(f"{LOG}999999/change/").status_code == 302  # to the first page, which says so


@pytest.mark.parametrize(
    "query", ["?q={eve}", "?q={chat}", "?q={report}", "?q=EVE", "?q=eve", "?q=unusual", "?q=NUSUA"]
)
def test_it_is_searched_by_people_chats_reports_and_words(moderator: Browser, eve: Visitor, bob: Visitor, query: str):
    facts: dict[str, Any] = {"chat_id": uuid4(), "report_id": uuid4()}
    noted(moderator, reason="most unusual", person_id=eve.id, **facts)
    noted(moderator, Deed.SILENCED, "usual", person_id=bob.id)

    page = page_of(moderator, query.format(eve=eve.id, chat=facts["chat_id"], report=facts["report_id"]))

    assert "1 in all" in page
    assert "most unusual" in page


def test_of_whoever_acted_it_finds_all_they_did(moderator: Browser, admin: Browser, eve: Visitor):
    noted(moderator, person_id=eve.id)
    noted(admin, person_id=eve.id)

    for query in ("?q=mira", f"?q={moderator.id}"):
        assert "1 in all" in page_of(admin, query)


def test_it_is_narrowed_by_deed_and_by_time(moderator: Browser, eve: Visitor):
    noted(moderator, Deed.SILENCED, person_id=eve.id)
    noted(moderator, person_id=eve.id)
    long_ago(3, moderator, "three days ago")
    long_ago(400, moderator, "last year")

    counts = {query: page_of(moderator, query) for query in ("?deed=person.warned", "?when=day", "?when=week", "")}

    for query, count in zip(counts, (3, 2, 3, 4), strict=True):
        assert f"{count} in all" in counts[query], query
    assert "1 in all" in page_of(moderator, "?deed=person.warned&when=day")


def test_reasons_are_read_so_far_back_and_no_further(moderator: Browser, eve: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "REASONS_READ", 2)
    for number, deed in enumerate((Deed.SILENCED, Deed.WARNED, Deed.WARNED, Deed.WARNED)):
        noted(moderator, deed, f"spam {number}")

    assert "2 in all" in page_of(moderator, "?q=spam")
    assert "1 in all" in page_of(moderator, "?q=spam&deed=person.silenced")  # narrowed, it is among the newest


def test_a_page_costs_the_same_for_one_entry_and_for_many(moderator: Browser, eve: Visitor, bob: Visitor):
    def queries() -> list[int]:
        counted = []
        for path in (LOG, f"{LOG}?q=spam", f"{LOG}{entries().first().pk}/change/"):
            with CaptureQueriesContext(connection) as asked:
                assert moderator.get(path).status_code == 200
            counted.append(len(asked))
        return counted

    noted(moderator, reason="spam", person_id=eve.id, chat_id=uuid4())
    queries()  # Django keeps the names of tables from the first time on
    one = queries()
    for person in (eve, bob, moderator) * 5:
        noted(moderator, reason="spam", person_id=person.id, chat_id=uuid4())

    assert queries() == one
    assert max(one) <= 11


# Who may


def test_who_is_no_staff_or_lacks_the_right_sees_nothing_of_it(moderator: Browser, browser, eve: Visitor):
    entry = noted(moderator, person_id=eve.id)
    member = browser()
    member.register("carol")
    get_user_model().objects.get(id=moderator.id).groups.clear()

    for path in (LOG, f"{LOG}{entry.pk}/change/"):
        assert [who.get(path).status_code for who in (moderator, member)] == [403, 403]


def test_nothing_is_added_changed_or_deleted_there(admin: Browser, eve: Visitor):
    entry = noted(admin, person_id=eve.id)
    change = f"{LOG}{entry.pk}/change/"

    answers = [
        post(admin, path, {"reason": "other", "post": "yes"}).status_code
        for path in (f"{LOG}add/", change, f"{LOG}{entry.pk}/delete/")
    ]

    assert answers == [403, 403, 403]
    assert "<input" not in admin.get(change).content.decode().split("<main", 1)[1].replace("csrfmiddlewaretoken", "")
    entry.refresh_from_db()
    assert entry.reason == "rude"


def post(tab: Browser, path: str, fields: dict[str, str] | None = None) -> Any:
    return tab.client.post(path, fields or {}, headers=tab.own_headers(), REMOTE_ADDR=tab.address)


# Taking it along


def table_of(answer: Any) -> list[dict[str, str]]:
    async def gathered() -> bytes:
        return b"".join([part async for part in answer])

    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(async_to_sync(gathered)().decode("utf-8-sig"), newline="")))


@pytest.fixture
def _commits(transactional_db: None) -> None:
    """The file is read on threads of its own."""


@pytest.mark.usefixtures("_commits")
def test_what_is_chosen_is_taken_along_and_that_is_noted(admin: Browser, eve: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_export, "AT_ONCE", 2)
    for number in range(5):
        noted(admin, reason=f"rude {number}", person_id=eve.id)
    noted(admin, Deed.SILENCED, person_id=eve.id, minutes=5)

    answer = post(admin, f"{EXPORT}?deed=person.warned&q=eve")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="moderation-log-')
    table = table_of(answer)
    assert [row["reason"] for row in table] == [f"rude {number}" for number in (4, 3, 2, 1, 0)]
    assert (table[0]["actor"], table[0]["person"], table[0]["deed"]) == ("root.admin", "eve", "person.warned")
    assert UUID(table[0]["person_id"]) == eve.id
    newest = entries().first()
    assert (newest.deed, newest.actor_id) == ("log.exported", admin.id)
    assert newest.address.endswith(".0/24")


@pytest.mark.usefixtures("_commits")
def test_no_cell_is_a_formula(admin: Browser, eve: Visitor):
    rename(user_id=eve.id, display_name="=cmd()")
    for begin in log_export.BEGINS_FORMULA:
        entries().create(actor_id=admin.id, deed=Deed.WARNED, person_id=eve.id, reason=f"{begin}HYPERLINK(1)")

    table = table_of(post(admin, EXPORT))

    assert [row["reason"] for row in table] == [
        f"'{begin}HYPERLINK(1)" for begin in reversed(log_export.BEGINS_FORMULA)
    ]
    assert {row["person"] for row in table} == {"'=cmd()"}


def test_a_link_that_is_only_followed_takes_nothing_along(admin: Browser):
    assert admin.get(EXPORT).status_code == 405
    assert not entries().exists()


def test_moderators_take_nothing_along_and_have_no_button_for_it(moderator: Browser, admin: Browser):
    assert EXPORT in page_of(admin)
    assert EXPORT not in page_of(moderator)
    assert post(moderator, EXPORT).status_code == 403
    assert not entries().exists()
