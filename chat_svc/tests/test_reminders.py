"""Somebody is reminded of a message when they wished to be, and nobody else hears."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.events import user_group
from chat_svc import selectors, services
from chat_svc.models import REMINDERS_LIMIT, Chat, Reminder
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def said(chat: Chat, ada: User) -> int:
    return say(chat, ada, "**Buy** tea").message["seq"]


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def its_time_comes() -> None:
    Reminder.objects.update(remind_at=timezone.now() - timedelta(seconds=1))


def test_it_is_told_at_its_time_once_and_stays_in_the_list(chat: Chat, said: int, bob: User, told: Told):
    path = f"/api/chats/{chat.id}/messages/{said}/reminder"

    made = Api(bob)("POST", path, {"at": in_an_hour().isoformat()})

    assert made.status_code == 201
    assert services.tell_reminders() == 0
    assert Api(bob)("GET", "/api/chats/reminders").json()["items"] == [{**made.json(), "text": "Ada: Buy tea"}]

    its_time_comes()
    assert [services.tell_reminders() for _ in range(2)] == [1, 0]

    assert told.items == [
        (user_group(bob.id), {"type": "reminder.due", "chat": str(chat.id), "seq": said, "text": "Ada: Buy tea"})
    ]
    [one] = selectors.reminders(user_id=bob.id)
    assert one["told_at"]


def test_another_moment_takes_the_place_of_the_first(chat: Chat, said: int, bob: User):
    first = services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour())
    Reminder.objects.update(told_at=timezone.now())

    second = services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour() + timedelta(hours=1))

    assert second["id"] == first["id"]
    assert [(one["at"], one["told_at"]) for one in selectors.reminders(user_id=bob.id)] == [(second["at"], None)]


def test_it_is_taken_off_by_its_person_alone(chat: Chat, said: int, ada: User, bob: User, eve: User, told: Told):
    made = services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour())
    path = f"/api/chats/reminders/{made['id']}"

    assert [Api(other)("DELETE", path).status_code for other in (ada, eve)] == [404, 404]
    assert Api(ada)("GET", "/api/chats/reminders").json()["items"] == []
    assert Api(bob)("DELETE", path).status_code == 204
    assert not Reminder.objects.exists()
    assert told.items == []


def test_who_is_not_in_the_chat_is_reminded_of_nothing_there(
    chat: Chat, said: int, ada: User, bob: User, eve: User, told: Told
):
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour())
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    its_time_comes()
    told.items.clear()
    path = f"/api/chats/{chat.id}/messages/{said}/reminder"

    assert [Api(other)("POST", path, {"at": in_an_hour().isoformat()}).status_code for other in (eve, bob)] == [
        404,
        404,
    ]
    assert selectors.reminders(user_id=bob.id) == []

    services.tell_reminders()
    assert told.items == []
    assert not Reminder.objects.exists()


def test_of_what_was_deleted_nobody_is_reminded(chat: Chat, said: int, ada: User, bob: User, told: Told):
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour())
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=said)
    its_time_comes()
    told.items.clear()

    services.tell_reminders()

    assert told.items == []
    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages/{said}/reminder", {"at": in_an_hour().isoformat()})
    assert answer.status_code == 409


def test_of_what_is_hidden_from_a_newcomer_they_are_not_reminded(chat: Chat, said: int, ada: User, eve: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=eve.id)

    answer = Api(eve)("POST", f"/api/chats/{chat.id}/messages/{said}/reminder", {"at": in_an_hour().isoformat()})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "message_not_found")


@pytest.mark.parametrize("at", ["soon", "2020-01-01T00:00:00Z", (timezone.now() + timedelta(days=400)).isoformat()])
def test_a_moment_within_the_next_year(chat: Chat, said: int, bob: User, at: str):
    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages/{said}/reminder", {"at": at})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["at"])


def test_a_hundred_wait_and_not_one_more(chat: Chat, said: int, bob: User):
    Reminder.objects.bulk_create(
        Reminder(chat=chat, user=bob, seq=1_000 + number, remind_at=in_an_hour()) for number in range(REMINDERS_LIMIT)
    )

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages/{said}/reminder", {"at": in_an_hour().isoformat()})

    assert answer.json()["error"]["code"] == "too_many_reminders"


def test_what_was_told_long_ago_is_forgotten(chat: Chat, said: int, bob: User):
    made = services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=in_an_hour())
    long_ago = timezone.now() - timedelta(days=31)
    Reminder.objects.filter(id=UUID(made["id"])).update(told_at=long_ago, remind_at=long_ago)

    assert services.forget_told_reminders() == 1

    assert not Reminder.objects.exists()


def test_the_list_is_three_queries_however_long(
    chat: Chat, said: int, ada: User, bob: User, django_assert_num_queries: Any
):
    for seq in (said, say(chat, ada).message["seq"]):
        services.remind(chat_id=chat.id, user_id=bob.id, seq=seq, at=in_an_hour())

    with django_assert_num_queries(3):
        assert len(selectors.reminders(user_id=bob.id)) == 2
    with django_assert_num_queries(1):
        services.tell_reminders()


def test_no_reminder_is_no_error_for_nobody(bob: User):
    assert Api(bob)("DELETE", f"/api/chats/reminders/{uuid4()}").status_code == 404
