"""The admin's lists: quick however long, found by words and ids, narrowed by choices, and of chats what is in view."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from auth_svc.admin import paginator, site
from auth_svc.admin.choosing import Choosing
from auth_svc.admin.read_only import ReadOnly
from auth_svc.admin.reports import ReportAdmin
from auth_svc.models import ClientError, Invitation, Session
from auth_svc.tests.people import Browser
from auth_svc.tests.test_deeds import press, staff
from chat_svc.services import create_chat
from user_svc.selectors import ADMINISTRATORS, MODERATORS

LISTS = {
    f"/admin/{admin.opts.app_label}/{admin.opts.model_name}/": admin
    for admin in site._registry.values()
    if isinstance(admin, ReadOnly) and not isinstance(admin, ReportAdmin)  # which is a queue
}
CHATS, MEMBERS, CODES = "/admin/chat_svc/chat/", "/admin/chat_svc/membership/", "/admin/auth_svc/invitation/"
PEOPLE, SESSIONS = "/admin/user_svc/user/", "/admin/auth_svc/session/"
# Who is here, by which session, with a second factor shown; their rights by themselves and by groups. Then the page's
# own: how many rows there are, and the rows; or the one row.
LIST_QUERIES = 7
ROW_QUERIES = 6
# Their group, reports about and by them, chats, codes, codes they came by, devices, tokens, and what was done.
NUMBERS_OF_A_PERSON = 9


def rows(label: str):
    return apps.get_model(label).objects


def fill(size: int) -> None:
    """So many of everything that is listed."""
    now = timezone.now()
    for _number in range(size):
        name = f"p{uuid4().hex[:12]}"
        person = get_user_model().objects.create(username=name, display_name=f"Айша {name}")
        chat = create_chat(creator_id=person.id, kind="group", title=name)
        Session.objects.create(user=person, expires_at=now + timedelta(days=1), user_agent="Firefox/1 Android")
        Invitation.objects.create(created_by=person, chat_id=chat.id, nonce=b"n", token_hash=name)
        rows("chat_svc.Report").create(target_kind="person", target_id=person.id, reporter=person, reason="spam")
        ClientError.objects.create(fingerprint=name, message=f"Error {name}", user_id=person.id)


@pytest.fixture
def admin(browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    # Whether the session lives is asked every two seconds, whatever the page.
    monkeypatch.setattr("abdre.tokens.session_lives", lambda session_id: True)
    return staff(browser(), "root.admin", ADMINISTRATORS)


@pytest.fixture
def moderator(browser) -> Browser:
    return staff(browser(), "mira", MODERATORS)


def queries_of(tab: Browser, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert tab.get(path).status_code == 200, path
    return [query["sql"] for query in queries]


def queries_of_lists(tab: Browser) -> dict[str, int]:
    return {path: len(queries_of(tab, path)) for path in LISTS}


def queries_of_rows(tab: Browser) -> dict[str, int]:
    firsts = {path: admin.model._default_manager.last() for path, admin in LISTS.items()}
    return {path: len(queries_of(tab, f"{path}{row.pk}/change/")) for path, row in firsts.items() if row}


def test_a_list_and_a_row_cost_the_same_whatever_there_is(admin: Browser):
    fill(1)
    queries_of_rows(admin)  # Django keeps the names of tables from the first time on
    lists, shown = queries_of_lists(admin), queries_of_rows(admin)
    fill(4)

    assert queries_of_lists(admin) == lists
    assert queries_of_rows(admin) == shown
    own = {path: number for path, number in lists.items() if path in shown}
    assert own == dict.fromkeys(own, LIST_QUERIES)
    assert shown == dict.fromkeys(own, ROW_QUERIES) | {PEOPLE: ROW_QUERIES + NUMBERS_OF_A_PERSON}


@pytest.mark.parametrize("path", LISTS)
def test_an_address_asks_of_no_column(admin: Browser, path: str):
    """Else what no page shows could be guessed letter by letter, from how many rows are found."""
    names = [field.name for field in LISTS[path].opts.concrete_fields]
    offered = {getattr(one, "parameter_name", "") for one in LISTS[path].list_filter}
    asked = {f"{name}{lookup}" for name in names for lookup in ("", "__startswith", "__regex", "__isnull")} - offered

    assert {admin.get(f"{path}?{name}=a").status_code for name in asked} == {400}


def test_no_list_is_counted_to_its_end(admin: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paginator, "COUNTED", 3)
    fill(4)

    said = {path: admin.get(path).content.decode() for path in LISTS}
    counting = [sql for path in LISTS for sql in queries_of(admin, path) if "COUNT(" in sql]

    assert counting
    assert all("LIMIT 4" in sql for sql in counting), counting
    assert "more than 3 in all" in said[CHATS]
    assert "more than 3 in all" in admin.get(f"{CHATS}?kind=group").content.decode()
    assert "No further pages" not in said[CHATS]


@pytest.mark.postgres  # SQLite keeps no estimates
def test_a_whole_list_is_as_long_as_the_planner_believes(admin: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paginator, "COUNTED", 3)
    fill(4)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_svc_chat")

    assert "about 4 in all" in admin.get(CHATS).content.decode()


def test_pages_lead_on_and_back_and_end_with_a_word_on_why(admin: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paginator, "COUNTED", 3)
    monkeypatch.setattr(LISTS[CHATS], "list_per_page", 2)
    fill(4)

    first, last = (admin.get(f"{CHATS}?p={number}").content.decode() for number in (1, 2))

    assert ("page 1 of 2" in first, 'rel="next"' in first, 'rel="prev"' in first) == (True, True, False)
    assert ("page 2 of 2" in last, 'rel="next"' in last, 'rel="prev"' in last) == (True, False, True)
    assert "No further pages are shown" in last


@pytest.mark.parametrize(
    ("path", "words"),
    [
        *((path, words) for path in (PEOPLE, MEMBERS, CODES, SESSIONS) for words in ("АЙША x", "x.y")),
        *((CHATS, words) for words in ("чай", "Чай", "ЧАЙ")),
        (MEMBERS, "Чай"),
        (CODES, "by the"),
        (PEOPLE, "X@Example.org"),
        (SESSIONS, "10.9."),
    ],
)
def test_words_find_their_rows_and_no_others(admin: Browser, path: str, words: str):
    fill(2)
    person = get_user_model().objects.create(username="x.y", display_name="Айша Xan", email="x@example.org")
    chat = create_chat(creator_id=person.id, kind="group", title="Чай в саду")
    Session.objects.create(user=person, expires_at=timezone.now() + timedelta(days=1), address="10.9.8.0/24")
    Invitation.objects.create(created_by=person, chat_id=chat.id, nonce=b"n", token_hash="t", label="By the window")

    page = admin.get(f"{path}?q={words}").content.decode()

    assert "1 in all" in page


def test_an_id_finds_all_that_is_of_it(admin: Browser):
    fill(2)
    code = Invitation.objects.latest("created_at")

    assert "1 in all" in admin.get(f"{CODES}?q={code.id}").content.decode()
    for path in (CODES, MEMBERS, SESSIONS, "/admin/auth_svc/clienterror/"):
        assert "1 in all" in admin.get(f"{path}?q={code.created_by_id}").content.decode(), path
    for path in (CODES, MEMBERS, CHATS):
        assert "1 in all" in admin.get(f"{path}?q={code.chat_id}").content.decode(), path


def test_every_choice_narrows_its_list(admin: Browser):
    fill(2)
    chosen = [
        (path, choice.parameter_name, value)
        for path, listed in LISTS.items()
        for choice in listed.list_filter
        if isinstance(choice, type) and issubclass(choice, Choosing)
        for value in choice.options
    ]

    assert len(chosen) > 20
    for path, name, value in chosen:
        page = admin.get(f"{path}?{name}={value}").content.decode()
        assert f'<option value="{value}" selected>' in page
    assert "2 in all" in admin.get(f"{CHATS}?kind=group").content.decode()
    assert "0 in all" in admin.get(f"{CHATS}?kind=direct").content.decode()


# What moderators look at


@pytest.fixture
def private() -> UUID:
    fill(1)
    return rows("chat_svc.Chat").get().id


def in_view(tab: Browser, chat_id: UUID) -> tuple[bool, ...]:
    """Whether the chat, its page, its members and its codes are there."""
    lists = tuple("1 in all" in tab.get(f"{path}?q={chat_id}").content.decode() for path in (CHATS, MEMBERS, CODES))
    return (lists[0], tab.get(f"{CHATS}{chat_id}/change/").status_code == 200, *lists[1:])


NOTHING, ALL = (False,) * 4, (True,) * 4


def test_a_chat_nobody_reported_is_out_of_moderators_view(moderator: Browser, private: UUID):
    assert in_view(moderator, private) == NOTHING
    assert not looks()


def test_a_public_chat_is_in_their_view(moderator: Browser, private: UUID):
    rows("chat_svc.Chat").update(is_public=True)

    assert in_view(moderator, private) == ALL
    assert not looks()


def test_so_is_one_that_a_report_is_about(moderator: Browser, private: UUID):
    reporter = rows("chat_svc.Membership").get().user
    about = {"chat_id": private, "seq": 1, "target_id": reporter.id}
    rows("chat_svc.Report").create(target_kind="message", reporter=reporter, reason="spam", **about)

    assert in_view(moderator, private) == ALL
    assert not looks()


def test_a_reported_code_is_in_their_view_and_its_chat_is_not(moderator: Browser, private: UUID):
    code = Invitation.objects.get()
    reporter = code.created_by
    rows("chat_svc.Report").create(target_kind="invitation", target_id=code.id, reporter=reporter, reason="spam")

    assert in_view(moderator, private) == (False, False, False, True)


def test_what_the_operator_opens_is_noted_when_they_look(moderator: Browser, private: UUID, settings: Settings):
    settings.MODERATORS_READ = "all"

    assert in_view(moderator, private) == ALL
    assert looks() == [(moderator.id, private)]


def test_administrators_see_all_chats_facts_and_nothing_is_noted(admin: Browser, private: UUID):
    assert in_view(admin, private) == ALL
    assert not looks()


def looks() -> list[tuple[UUID, UUID]]:
    return list(rows("chat_svc.ModerationEntry").filter(deed="looked").values_list("actor_id", "chat_id"))


@pytest.mark.parametrize("path", [SESSIONS, "/admin/auth_svc/clienterror/"])
def test_moderators_see_nothing_of_the_system(moderator: Browser, path: str):
    assert moderator.get(path).status_code == 403
    assert path.encode() not in moderator.get(PEOPLE).content  # and no way there


# The page around it


def test_it_looks_and_tells_the_time_as_its_person_has_chosen(admin: Browser):
    fill(1)
    session = Session.objects.exclude(user_id=admin.id).get()
    Session.objects.filter(id=session.id).update(created_at="2026-01-31T20:30:00Z")
    admin.client.cookies["appearance"] = "dark.rose.large.1.1"
    admin.client.cookies["time_zone"] = "Asia/Almaty"

    page = admin.get(f"/admin/auth_svc/session/{session.id}/change/").content.decode()

    assert 'data-theme="dark" data-accent="rose" data-text-size="large"' in page
    assert "1 Feb 2026, 01:30" in page


def test_what_came_of_a_deed_is_told_once(admin: Browser):
    fill(1)
    person = get_user_model().objects.exclude(id=admin.id).get()
    done = press(admin, "warn", person=person.id, reason="rude", next=PEOPLE)

    assert [b"notice--success" in admin.get(done["Location"]).content for _time in range(2)] == [True, False]


def test_a_chats_page_leads_to_what_may_be_done_to_it(admin: Browser):
    fill(1)
    chat = rows("chat_svc.Chat").get()
    page = f"{CHATS}{chat.id}/change/"
    offered = {name: f"/admin/deeds/{name}/?chat={chat.id}" for name in ("close-chat", "reopen-chat", "lock-chat")}

    open_page = admin.get(page).content.decode()
    rows("chat_svc.Chat").update(closed_at=timezone.now())
    closed_page = admin.get(page).content.decode()

    assert [path in open_page for path in offered.values()] == [True, False, True]
    assert [path in closed_page for path in offered.values()] == [False, True, False]
