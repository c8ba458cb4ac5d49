"""Staff hear that reports wait: how many, and nothing of what they are about; nobody else hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from abdre.events import user_group
from chat_svc import services
from chat_svc.events import ReportNews
from chat_svc.models import Chat, Report
from chat_svc.selectors import waiting_reports
from chat_svc.services.alerts import tell_staff
from chat_svc.tests.conftest import Api, Told, member, say
from user_svc.selectors import ADMINISTRATORS, MODERATORS
from user_svc.services import appoint, ban, dismiss

if TYPE_CHECKING:
    from user_svc.models import User

WAITING = "/api/chats/reports/waiting"


@pytest.fixture
def mira(ada: User) -> User:
    """A moderator, in no chat."""
    mira = member("mira")
    appoint(user_id=mira.id, group=MODERATORS)
    return mira


@pytest.fixture
def root(ada: User) -> User:
    root = member("root")
    appoint(user_id=root.id, group=ADMINISTRATORS)
    return root


@pytest.fixture
def said(chat: Chat, ada: User) -> int:
    return say(chat, ada).message["seq"]


def report(chat: Chat, reporter: User, seq: int) -> None:
    services.report_message(chat_id=chat.id, reporter_id=reporter.id, seq=seq, reason="spam", note="secret")


def test_each_of_the_staff_hears_how_many_wait_and_nobody_else(
    chat: Chat, said: int, bob: User, eve: User, mira: User, root: User, told: Told
):
    report(chat, bob, said)

    event = {"type": "report.created", "waiting": 1}
    assert sorted(told.items, key=str) == sorted([(user_group(mira.id), event), (user_group(root.id), event)], key=str)


def test_who_is_reported_hears_of_no_new_one_and_is_told_how_many_others_there_are(
    chat: Chat, said: int, ada: User, bob: User, mira: User, told: Told
):
    appoint(user_id=ada.id, group=MODERATORS)

    report(chat, bob, said)

    assert told.to(user_group(mira.id)) == [{"type": "report.created", "waiting": 1}]
    assert told.to(user_group(ada.id)) == [{"type": "reports.changed", "waiting": 0}]
    assert [Api(who)("GET", WAITING).json()["waiting"] for who in (mira, ada)] == [1, 0]


def test_the_same_report_once_more_is_no_news(chat: Chat, said: int, bob: User, mira: User, told: Told):
    for _ in range(2):
        report(chat, bob, said)

    assert len(told.items) == 1


def test_who_is_dismissed_banned_or_without_the_right_hears_nothing(
    chat: Chat, said: int, bob: User, mira: User, root: User, eve: User, told: Told
):
    dismiss(user_id=mira.id)
    ban(user_id=root.id)
    appoint(user_id=eve.id, group=MODERATORS)
    eve.groups.clear()
    told.items.clear()

    report(chat, bob, said)

    assert told.items == []


def test_what_is_handed_on_is_news_for_administrators_and_one_less_for_moderators(
    chat: Chat, said: int, bob: User, mira: User, root: User, told: Told
):
    report(chat, bob, said)
    Report.objects.update(state="escalated")
    told.items.clear()

    tell_staff(ReportNews.ESCALATED)

    assert told.to(user_group(root.id)) == [{"type": "report.escalated", "waiting": 1}]
    assert told.to(user_group(mira.id)) == [{"type": "reports.changed", "waiting": 0}]
    assert len(told.items) == 2
    assert [Api(who)("GET", WAITING).json()["waiting"] for who in (root, mira)] == [1, 0]


def test_closed_ones_are_not_counted_and_a_flood_not_to_its_end(
    chat: Chat, said: int, bob: User, guest: User, mira: User, monkeypatch: pytest.MonkeyPatch
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    for reporter in (bob, guest):
        report(chat, reporter, said)
    assert Api(mira)("GET", WAITING).json() == {"waiting": 2}

    monkeypatch.setattr(waiting_reports, "COUNTED", 1)
    assert Api(mira)("GET", WAITING).json() == {"waiting": 1}
    Report.objects.update(state="rejected", closed_at="2026-01-01T00:00:00Z")
    assert Api(mira)("GET", WAITING).json() == {"waiting": 0}


def test_nobody_but_the_staff_may_ask(chat: Chat, bob: User, eve: User, guest: User):
    answers = [Api(who)("GET", WAITING) for who in (bob, eve, guest)]

    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {(403, "not_staff")}
    assert Api(None)("GET", WAITING).status_code == 401


def test_the_budget_is_the_same_for_one_and_for_five_of_the_staff(
    chat: Chat, said: int, bob: User, guest: User, mira: User, told: Told, django_assert_num_queries: Any
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    with django_assert_num_queries(16):
        report(chat, bob, said)
    for number in range(4):
        appoint(user_id=member(f"staff{number}").id, group=MODERATORS)
    told.items.clear()

    with django_assert_num_queries(16):
        report(chat, guest, said)

    assert len(told.items) == 5
