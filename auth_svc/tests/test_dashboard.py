"""The admin's first page: to each of the staff what concerns their work, and at a cost that does not grow."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from lxml import html

from abdre import pulse, tally
from abdre.pulse import Pulse
from abdre.store import store
from abdre.store.redis import RedisStore
from abdre.tests.authenticator import Authenticator
from auth_svc.selectors.dashboard import figures
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import Browser, Visitor
from chat_svc.events import MESSAGES_STORED
from chat_svc.services import report_target
from chat_svc.services.moderation import Staff, warn
from user_svc import presence
from user_svc.services import appoint

OF_WORK = ["Messages"]
OF_SYSTEM = ["Sign-ups", "Failed logins", "Requests refused", "Messages refused"]


@pytest.fixture
def staff(browser) -> Callable[[str], Browser]:
    """Somebody of this group, with a second factor."""

    def one(group: str) -> Browser:
        tab: Browser = browser()
        tab.id = UUID(tab.register(f"of.{group.lower()}").json()["user"]["id"])
        appoint(user_id=tab.id, group=group)
        assert add_passkey(tab, Authenticator("http://testserver")).status_code == 201
        return tab

    return one


@pytest.fixture
def moderator(staff) -> Browser:
    return staff("Moderators")


@pytest.fixture
def administrator(staff) -> Browser:
    return staff("Administrators")


def page_of(tab: Browser) -> html.HtmlElement:
    response = tab.get("/admin/")
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def plots_of(page: html.HtmlElement) -> list[str]:
    return [title.text for title in page.xpath("//svg/title")]


def tile_of(page: html.HtmlElement, title: str) -> html.HtmlElement:
    (tile,) = page.xpath(f"//li[h2[normalize-space()='{title}']]")
    return tile


def number_of(page: html.HtmlElement, title: str) -> str:
    return str(tile_of(page, title).xpath("string(p[1])"))


def test_a_moderator_sees_what_concerns_their_work(moderator: Browser):
    page = page_of(moderator)

    assert plots_of(page) == OF_WORK
    assert number_of(page, "Open reports") == "0"
    assert page.xpath("//h2[.='Services']")


def test_an_administrator_sees_everything(administrator: Browser):
    assert plots_of(page_of(administrator)) == OF_WORK + OF_SYSTEM


def test_below_it_are_the_ways_on_that_are_open_to_who_asks(moderator: Browser, administrator: Browser):
    ways = "//nav[h2[.='Lists']]//a/text()"

    of_moderator, of_administrator = page_of(moderator).xpath(ways), page_of(administrator).xpath(ways)

    assert "Reports" in of_moderator
    assert set(of_moderator) < set(of_administrator)
    assert set(of_administrator) - set(of_moderator) >= {"Devices", "Errors in browsers"}


def test_staff_without_a_right_see_nothing_of_it(moderator: Browser):
    user = get_user_model().objects.get(id=moderator.id)
    user.groups.clear()

    page = page_of(moderator)

    assert not page.xpath("//svg[@role='img']")
    assert not page.xpath("//*[@class='dashboard']//h2")


def test_a_member_is_refused(eve: Visitor, browser):
    tab: Browser = browser()
    tab.login("eve")

    assert tab.get("/admin/").status_code == 403


def test_what_waits_is_told_as_a_whole_as_mine_and_by_its_age(
    moderator: Browser, ada: Visitor, bob: Visitor, eve: Visitor
):
    for reporter in (bob, eve):
        report_target(kind="person", target_id=ada.id, reporter_id=reporter.id, reason="spam", note="")
    report, _ = report_target(kind="person", target_id=bob.id, reporter_id=ada.id, reason="spam", note="")
    type(report).objects.filter(id=report.id).update(claimed_by=moderator.id, claimed_at=report.created_at)

    page = page_of(moderator)

    assert number_of(page, "Open reports") == "3"
    details = tile_of(page, "Open reports").xpath("p[2]/span/text()")
    assert details == ["2 not taken on", "1 mine", "the oldest waits less than a minute"]


@pytest.fixture
def two_are_online() -> Iterator[None]:
    """And nobody else; nor is the holder of their sockets missed by a later test."""
    people = [uuid4(), uuid4()]
    store.delete(presence.HOLDERS)
    presence.beat(people, holder="dashboard")
    presence.arrive(people, held=people, holder="dashboard")
    yield
    presence.leave(people, holder="dashboard")
    store.delete(presence.HOLDERS)


@pytest.mark.usefixtures("two_are_online")
def test_what_the_store_tells_is_shown(administrator: Browser):
    tally.add(MESSAGES_STORED, 7_000)
    tally.flush()

    page = page_of(administrator)

    assert number_of(page, "People online") == "2"
    assert "7,0" in page.xpath("string(//*[@id='plot-messages-desc'])")


def test_a_service_is_ready_lacking_or_silent(moderator: Browser, settings):
    settings.ROLES = ["cook", "waiter", "porter"]
    pulse._say("c1", Pulse("cook", "1.0", 0.0, lacks=[], avoids=["waiter"]))
    pulse._say("c2", Pulse("cook", "1.1", 0.0, lacks=[], avoids=[]))
    pulse._say("w", Pulse("waiter", "1.0", 0.0, lacks=["redis: no answer"], avoids=[]))

    rows = page_of(moderator).xpath("//section[h2[.='Services']]//li")

    said = [" ".join(row.text_content().split()) for row in rows]
    assert said == [
        "cook 2 processes · versions 1.0, 1.1 · gets no answer from waiter ready",
        "waiter 1 process · redis: no answer not ready",
        "porter silent",
    ]


def test_the_newest_of_the_log_names_who_did_what_to_whom(administrator: Browser, ada: Visitor):
    warn(by=Staff(id=administrator.id, reason="Be kind."), user_id=ada.id)

    (line,) = page_of(administrator).xpath("//section[h2[.='Newest in the log']]//li")

    said = " ".join(line.text_content().split())
    assert said == "of.administrators: Warned · ada less than a minute ago"


def test_while_the_store_is_away_the_page_says_so_and_the_reports_are_there(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
):
    page_of(administrator)
    away = RedisStore("redis://127.0.0.1:1")
    for module in ("abdre.tally", "abdre.pulse", "user_svc.presence"):
        monkeypatch.setattr(f"{module}.store", away)

    page = page_of(administrator)

    assert "the store does not answer" in page.xpath("string(//main)")
    assert number_of(page, "Open reports") == "0"
    assert not plots_of(page)


def test_its_queries_are_few_and_the_same_with_few_rows_and_with_many(
    administrator: Browser, ada: Visitor, visitor, count_queries, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("abdre.tokens.session_lives", lambda session_id: True)
    by = Staff(id=administrator.id, reason="Be kind.")
    warn(by=by, user_id=ada.id)
    administrator.get("/admin/")
    few = count_queries(lambda: administrator.get("/admin/"))

    for name in ("carl", "dora", "emil"):
        newcomer = visitor()
        newcomer.signed_in_by(newcomer.register(name))
        warn(by=by, user_id=newcomer.id)
        report_target(kind="person", target_id=ada.id, reporter_id=newcomer.id, reason="spam", note="")
    tally.add(MESSAGES_STORED, 9)
    tally.flush()

    assert count_queries(lambda: administrator.get("/admin/")) == few == 10


def test_what_the_store_is_asked_is_little_whatever_it_holds(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    plain = store.get_many

    def get_many(keys: list[str]) -> list[str | None]:
        asked.append(len(keys))
        return plain(keys)

    monkeypatch.setattr("abdre.tally.store", SimpleNamespace(get_many=get_many))

    figures()

    assert asked == [5 * 60, 3 * 24]
