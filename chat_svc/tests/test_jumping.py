"""A page of history around a message, and the first one of a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from chat_svc import selectors, services
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import Api, say

if TYPE_CHECKING:
    from user_svc.models import User

DAYS = (1, 1, 2, 4, 4, 4, 7)  # of November, message by message


@pytest.fixture
def said(chat: Chat, ada: User) -> None:
    for seq, day in enumerate(DAYS, start=1):
        say(chat, ada)
        Message.objects.filter(seq=seq).update(created_at=dt.datetime(2026, 11, day, 12, seq, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("around", "seqs", "has_more", "has_later"),
    [
        (4, [2, 3, 4, 5], True, True),
        (1, [1, 2], False, True),
        (7, [5, 6, 7], True, False),
        (99, [6, 7], True, False),
    ],
)
def test_a_page_stands_around_a_message(
    chat: Chat, bob: User, said: None, around: int, seqs: list[int], has_more: bool, has_later: bool
):
    page = Api(bob)("GET", f"/api/chats/{chat.id}/messages?around={around}&limit=4").json()

    assert [item["seq"] for item in page["items"]] == seqs
    assert (page["has_more"], page["has_later"]) == (has_more, has_later)


def test_it_takes_three_queries(chat: Chat, bob: User, said: None, django_assert_num_queries):
    with django_assert_num_queries(3):
        selectors.messages(chat_id=chat.id, user_id=bob.id, around=4)


@pytest.mark.parametrize(
    ("day", "seq"), [("10-31", 1), ("11-01", 1), ("11-02", 3), ("11-03", 4), ("11-07", 7), ("12-01", 7)]
)
def test_a_day_begins_with_its_first_message_or_the_next_one(chat: Chat, bob: User, said: None, day: str, seq: int):
    answer = Api(bob)("GET", f"/api/chats/{chat.id}/messages/at?date=2026-{day}")

    assert answer.json() == {"seq": seq}


def test_it_takes_two_queries(chat: Chat, bob: User, said: None, django_assert_num_queries):
    with django_assert_num_queries(2):
        selectors.first_of_day(chat_id=chat.id, user_id=bob.id, day=dt.date(2026, 11, 2))


def test_what_is_no_day_is_refused_and_an_empty_chat_has_none(chat: Chat, bob: User, other: Chat):
    answers = [Api(bob)("GET", f"/api/chats/{other.id}/messages/at?date={day}") for day in ("yesterday", "2026-11-02")]

    assert [answer.status_code for answer in answers] == [422, 404]


def test_neither_leads_where_one_may_not_read(chat: Chat, bob: User, eve: User, said: None):
    services.clear_chat(chat_id=chat.id, user_id=bob.id)
    say(chat, bob)

    page = selectors.messages(chat_id=chat.id, user_id=bob.id, around=3)
    assert [item["seq"] for item in page["items"]] == [8]
    assert selectors.first_of_day(chat_id=chat.id, user_id=bob.id, day=dt.date(2026, 11, 1)) == 8
    for path in ("messages?around=3", "messages/at?date=2026-11-01"):
        assert Api(eve)("GET", f"/api/chats/{chat.id}/{path}").status_code == 404
