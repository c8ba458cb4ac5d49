"""What is written now is said later, once, or its author hears why not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.models import SCHEDULED_LIMIT, Chat, Message, ScheduledMessage
from chat_svc.services import scheduling
from chat_svc.tests.conftest import Api, Told, say
from user_svc.services import ban

if TYPE_CHECKING:
    from user_svc.models import User


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def schedule(
    chat: Chat, user: User, body: str = "later", client_id: UUID | None = None, **facts: Any
) -> dict[str, Any]:
    facts = {"send_at": in_an_hour(), **facts}
    made, _ = services.schedule_message(
        chat_id=chat.id, sender_id=user.id, client_id=client_id or uuid4(), body=body, **facts
    )
    return {**made}


def its_time_comes() -> None:
    ScheduledMessage.objects.update(send_at=timezone.now() - timedelta(seconds=1))


def bodies(chat: Chat) -> list[str]:
    return list(Message.objects.filter(chat=chat, kind="text").order_by("seq").values_list("body", flat=True))


def waiting(user: User) -> list[Any]:
    return selectors.scheduled_messages(user_id=user.id)


def test_it_waits_for_its_time_and_is_then_said_as_any_message(chat: Chat, ada: User, bob: User, told: Told):
    path, client_id = f"/api/chats/{chat.id}/scheduled", str(uuid4())
    wanted = {"client_id": client_id, "body": "later", "send_at": in_an_hour().isoformat()}

    answers = [Api(bob)("POST", path, wanted) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json() == Api(bob)("GET", path).json()["items"][0]
    assert services.send_scheduled_messages() == 0
    assert (bodies(chat), told.items) == ([], [])

    its_time_comes()
    assert services.send_scheduled_messages() == 1

    assert bodies(chat) == ["later"]
    [item] = told.to(chat_group(chat.id))
    assert (item["message"]["client_id"], item["message"]["sender"]["id"]) == (client_id, str(bob.id))
    assert waiting(bob) == []
    assert services.send_scheduled_messages() == 0


def test_a_worker_that_dies_after_the_sending_sends_nothing_twice(chat: Chat, bob: User):
    made = schedule(chat, bob)
    say(chat, bob, "later", client_id=UUID(made["client_id"]))  # as far as the first worker came
    its_time_comes()
    ScheduledMessage.objects.update(claimed_until=timezone.now() + timedelta(seconds=30))
    assert services.send_scheduled_messages() == 0  # it may be alive

    ScheduledMessage.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert services.send_scheduled_messages() == 1

    assert bodies(chat) == ["later"]
    assert waiting(bob) == []


def test_of_two_workers_one_takes_it(chat: Chat, bob: User):
    made = schedule(chat, bob)

    assert [ScheduledMessage.objects.claim(UUID(made["id"])) for _ in range(2)] == [True, False]


def _remove(chat: Chat, ada: User, bob: User) -> None:
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)


def _close(chat: Chat, ada: User, bob: User) -> None:
    services.close_chat(chat_id=chat.id, actor_id=ada.id)


def _only_announcements(chat: Chat, ada: User, bob: User) -> None:
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"announcement_only": True})


@pytest.mark.parametrize(
    ("happens", "code"),
    [(_remove, "chat_not_found"), (_close, "chat_over"), (_only_announcements, "announcements_only")],
)
def test_what_is_refused_at_its_time_is_told_to_its_author_alone(
    chat: Chat, ada: User, bob: User, told: Told, happens: Any, code: str
):
    made = schedule(chat, bob)
    happens(chat, ada, bob)
    its_time_comes()
    told.items.clear()

    services.send_scheduled_messages()

    [(group, item)] = told.items
    assert group == user_group(bob.id)
    assert (item["type"], item["scheduled"]["id"], item["scheduled"]["problem"]) == (
        "scheduled.failed",
        made["id"],
        code,
    )
    assert [one["problem"] for one in waiting(bob)] == [code]
    assert bodies(chat) == []
    assert services.send_scheduled_messages() == 0


def test_who_was_banned_from_the_house_says_nothing_by_what_they_left_behind(
    chat: Chat, ada: User, bob: User, told: Told
):
    schedule(chat, bob)
    said_by_ada = schedule(chat, ada, "mine")["body"]
    ban(user_id=bob.id)
    its_time_comes()

    services.send_scheduled_messages()

    assert bodies(chat) == [said_by_ada]
    assert [item["problem"] for item in waiting(bob)] == ["not_allowed"]


def test_slow_mode_is_waited_for(chat: Chat, ada: User, bob: User, told: Told):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"slow_mode_s": 60})
    say(chat, bob, "first")
    schedule(chat, bob)
    its_time_comes()

    services.send_scheduled_messages()

    [one] = ScheduledMessage.objects.all()
    assert (one.problem, one.claimed_until) == ("", None)
    assert timedelta(seconds=50) < one.send_at - timezone.now() <= timedelta(seconds=60)
    assert "scheduled.failed" not in told.types_to(user_group(bob.id))


def test_it_can_be_changed_cancelled_and_sent_at_once(chat: Chat, bob: User):
    path = f"/api/chats/{chat.id}/scheduled"
    first, second = schedule(chat, bob, "one"), schedule(chat, bob, "two")
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()

    changed = Api(bob)("PATCH", f"{path}/{first['id']}", {"body": "changed", "send_at": tomorrow})
    assert (changed.status_code, changed.json()["body"]) == (200, "changed")

    assert Api(bob)("DELETE", f"{path}/{second['id']}").status_code == 204
    assert [one["body"] for one in waiting(bob)] == ["changed"]

    sent = Api(bob)("POST", f"{path}/{first['id']}/send")
    assert (sent.status_code, sent.json()["body"]) == (201, "changed")
    assert waiting(bob) == []
    assert bodies(chat) == ["changed"]


def test_what_failed_gets_another_chance_at_a_new_time(chat: Chat, bob: User):
    made = schedule(chat, bob)
    ScheduledMessage.objects.update(problem="announcements_only")

    changed = services.change_scheduled(
        scheduled_id=UUID(made["id"]), chat_id=chat.id, user_id=bob.id, facts={"send_at": in_an_hour()}
    )

    assert changed["problem"] is None
    assert [one["problem"] for one in waiting(bob)] == [None]


def test_what_is_being_sent_is_not_changed_under_the_workers_hands(chat: Chat, bob: User):
    made = schedule(chat, bob)
    ScheduledMessage.objects.claim(UUID(made["id"]))
    path = f"/api/chats/{chat.id}/scheduled/{made['id']}"

    answers = [
        Api(bob)("PATCH", path, {"body": "changed"}),
        Api(bob)("DELETE", path),
        Api(bob)("POST", f"{path}/send"),
    ]

    assert [answer.json()["error"]["code"] for answer in answers] == ["being_sent"] * 3
    assert [one["body"] for one in waiting(bob)] == ["later"]


def test_what_cannot_be_sent_now_goes_on_waiting(chat: Chat, ada: User, bob: User):
    made = schedule(chat, bob)
    _only_announcements(chat, ada, bob)

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/scheduled/{made['id']}/send")

    assert answer.status_code == 403
    [one] = ScheduledMessage.objects.all()
    assert (one.problem, one.claimed_until) == ("", None)


def test_nobody_reaches_another_ones(chat: Chat, ada: User, bob: User, eve: User, told: Told):
    made = schedule(chat, bob)
    path = f"/api/chats/{chat.id}/scheduled"

    for other in (ada, eve):
        for asked in (("PATCH", "", {"body": "mine"}), ("DELETE", "", None), ("POST", "/send", None)):
            assert Api(other)(asked[0], f"{path}/{made['id']}{asked[1]}", asked[2]).status_code == 404
    assert Api(ada)("GET", path).json()["items"] == []
    assert Api(ada)("GET", "/api/chats/scheduled").json()["items"] == []
    assert [one["body"] for one in waiting(bob)] == ["later"]
    assert told.items == []


def test_who_is_not_in_the_chat_schedules_nothing_there(chat: Chat, ada: User, bob: User, eve: User, told: Told):
    _remove(chat, ada, bob)
    told.items.clear()
    wanted = {"client_id": str(uuid4()), "body": "later", "send_at": in_an_hour().isoformat()}

    for nobody in (eve, bob):
        assert Api(nobody)("POST", f"/api/chats/{chat.id}/scheduled", wanted).status_code == 404
        assert Api(nobody)("GET", f"/api/chats/{chat.id}/scheduled").status_code == 404
    assert told.items == []
    assert not ScheduledMessage.objects.exists()


def test_who_may_not_write_schedules_nothing(chat: Chat, ada: User, bob: User):
    _only_announcements(chat, ada, bob)
    wanted = {"client_id": str(uuid4()), "body": "later", "send_at": in_an_hour().isoformat()}

    assert Api(bob)("POST", f"/api/chats/{chat.id}/scheduled", wanted).status_code == 403
    assert Api(ada)("POST", f"/api/chats/{chat.id}/scheduled", wanted).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("send_at", "soon"),
        ("send_at", (timezone.now() - timedelta(days=1)).isoformat()),
        ("send_at", (timezone.now() + timedelta(days=400)).isoformat()),
        ("body", " "),
        ("body", "x" * 8_001),
        ("reply_to", 0),
        ("client_id", "one"),
    ],
)
def test_what_is_wrong_is_named(chat: Chat, bob: User, field: str, value: object):
    wanted = {"client_id": str(uuid4()), "body": "later", "send_at": in_an_hour().isoformat(), field: value}

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/scheduled", wanted)

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not ScheduledMessage.objects.exists()


def test_a_hundred_wait_and_not_one_more(chat: Chat, bob: User):
    ScheduledMessage.objects.bulk_create(
        ScheduledMessage(chat=chat, sender=bob, client_id=uuid4(), body="x", send_at=in_an_hour())
        for _ in range(SCHEDULED_LIMIT)
    )
    wanted = {"client_id": str(uuid4()), "body": "later", "send_at": in_an_hour().isoformat()}

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/scheduled", wanted)

    assert answer.json()["error"]["code"] == "too_many_scheduled"


def test_a_guests_wait_on_for_the_account_it_signs_in_to(chat: Chat, guest: User, eve: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    schedule(chat, guest)

    services.merge_memberships(from_user=guest.id, to_user=eve.id)
    its_time_comes()
    services.send_scheduled_messages()

    assert [message.sender_id for message in Message.objects.filter(chat=chat, kind="text")] == [eve.id]


def test_who_leaves_for_good_says_nothing_afterwards(chat: Chat, bob: User):
    schedule(chat, bob)

    services.leave_chats(user_id=bob.id)

    assert not ScheduledMessage.objects.exists()


def test_the_budget(chat: Chat, bob: User, django_assert_num_queries: Any):
    with django_assert_num_queries(7):  # membership, known, count, get, savepoint, insert, release
        schedule(chat, bob)
    with django_assert_num_queries(1):
        selectors.scheduled_messages(user_id=bob.id)
    with django_assert_num_queries(1):
        services.send_scheduled_messages()


def test_the_worker_looks_every_second(settings: Any):
    assert ("chat_svc.services.send_scheduled_messages", 1.0) in settings.WORKER_DEEDS
    assert scheduling.SENT_AT_ONCE <= SCHEDULED_LIMIT
