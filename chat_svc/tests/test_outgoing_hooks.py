"""Outgoing webhooks: whatever happens in a chat reaches the target, in order, whatever the target does meanwhile."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.tests.receiver import Asked, Receiver, receiver
from chat_svc import selectors, services
from chat_svc.models import Chat, Delivery, OutgoingHook
from chat_svc.services import deliveries
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from pytest_django import Settings

    from user_svc.models import User


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as target:
        yield target


def hooks_path(chat: Chat) -> str:
    return f"/api/chats/{chat.id}/outgoing-hooks"


def made(chat: Chat, user: User, url: str, name: str = "CRM") -> Any:
    answer = Api(user)("POST", hooks_path(chat), {"name": name, "url": url})
    assert answer.status_code == 201, answer.content
    return answer.json()


def listed(chat: Chat, user: User) -> Any:
    [hook] = Api(user)("GET", hooks_path(chat)).json()["items"]
    return hook


def deliver_all() -> int:
    """As the worker does, in this thread; how many deliveries."""
    before = Delivery.objects.count()
    for hook_id in deliveries.due_hooks():
        deliveries.deliver_claimed(hook_id)
    return Delivery.objects.count() - before


def heard(target: Receiver) -> list[Any]:
    return [event for asked in target.asked for event in json.loads(asked.body)["events"]]


def due_now() -> None:
    OutgoingHook.objects.update(next_try_at=timezone.now())


def test_what_happens_is_told_in_order_with_ids_and_signed(chat: Chat, ada: User, bob: User, target: Receiver):
    hook = made(chat, ada, target.url("/hook"))
    say(chat, bob, "one")
    services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body="uno")
    say(chat, ada, "two")
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})

    deliver_all()

    [asked] = target.asked
    events = heard(target)
    said = [event["type"] for event in events if event.get("message", {}).get("kind") != "system"]
    assert said == ["message.changed", "message.created", "chat.changed"]
    assert [event["version"] for event in events] == sorted(event["version"] for event in events)
    assert [event["id"] for event in events] == [f"{chat.id}:{event['version']}" for event in events]
    assert events[0]["message"]["body"] == "uno"
    assert asked.path == "/hook"
    moment, signed = (part.partition("=")[2] for part in asked.headers["x-abdre-signature"].split(","))
    expected = hmac.new(hook["secret"].encode(), f"{moment}.".encode() + asked.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, expected)
    assert abs(int(moment) - timezone.now().timestamp()) < 30


def test_it_hears_nothing_of_before_and_nothing_twice(chat: Chat, ada: User, target: Receiver):
    say(chat, ada, "before")
    made(chat, ada, target.url())
    assert deliver_all() == 0

    say(chat, ada, "after")

    assert (deliver_all(), deliver_all()) == (1, 0)
    assert [event["message"]["body"] for event in heard(target)] == ["after"]


def test_what_a_restored_backup_had_still_to_tell_is_told(chat: Chat, ada: User, target: Receiver):
    made(chat, ada, target.url())
    say(chat, ada, "waits in the backup")
    services.begin_new_era()
    say(chat, ada, "said since")

    deliver_all()

    assert [event["message"]["body"] for event in heard(target)] == ["waits in the backup", "said since"]


def test_a_target_that_fails_hangs_and_comes_back_misses_nothing(
    chat: Chat, ada: User, target: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deliveries, "TIMEOUT_S", 0.2)
    made(chat, ada, target.url())
    hung, told = threading.Event(), []

    def refuses(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return 500, {}, b"oh"

    def hangs(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        hung.wait(2)
        return 200, {}, b""

    def takes(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        told.append(asked)
        return 204, {}, b""

    def sends_on(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": "/elsewhere"}, b""

    for number, answer in enumerate((refuses, hangs, sends_on, takes)):
        target.answer = answer
        say(chat, ada, str(number))
        due_now()
        deliver_all()
    hung.set()

    bodies = [event["message"]["body"] for asked in told for event in json.loads(asked.body)["events"]]
    assert bodies == ["0", "1", "2", "3"]
    tries = [(delivery["status"], delivery["problem"]) for delivery in listed(chat, ada)["deliveries"]]
    assert tries == [(204, ""), (302, "refused"), (None, "timeout"), (500, "refused")]
    assert listed(chat, ada)["failing_since"] is None


def test_nobody_there_is_tried_again_after_ever_longer_pauses(chat: Chat, ada: User):
    with receiver() as gone:
        url = gone.url()
    made(chat, ada, url)
    say(chat, ada)

    deliver_all()

    assert deliver_all() == 0  # not before the pause is over
    assert listed(chat, ada)["deliveries"][0]["problem"] == "unreachable"
    assert listed(chat, ada)["failing_since"] is not None
    pauses = [deliveries.pause(tries).total_seconds() for tries in (0, 3, 30)]
    assert 0.7 < pauses[0] < 1.3
    assert 6 <= pauses[1] <= 10
    assert 2700 <= pauses[2] <= 4500


def test_after_days_in_vain_it_is_switched_off_with_a_word_in_the_chat(chat: Chat, ada: User, target: Receiver):
    target.answer = lambda asked: (500, {}, b"")
    hook = made(chat, ada, target.url())
    say(chat, ada, "lost?")
    deliver_all()
    OutgoingHook.objects.update(failing_since=timezone.now() - timedelta(days=4))
    due_now()

    deliver_all()

    assert listed(chat, ada)["off_at"] is not None
    last = selectors.messages(chat_id=chat.id, user_id=ada.id)["items"][-1]
    assert "“CRM” was switched off" in last["body"]
    assert last["sender"]["is_bot"]
    due_now()
    assert deliver_all() == 0

    target.answer = lambda asked: (200, {}, b"")
    target.asked.clear()
    assert Api(ada)("POST", f"{hooks_path(chat)}/{hook['id']}/on").status_code == 204
    deliver_all()
    assert heard(target)[0]["message"]["body"] == "lost?"


def test_many_events_come_in_several_deliveries_in_order(
    chat: Chat, ada: User, target: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deliveries, "EVENTS_AT_ONCE", 2)
    made(chat, ada, target.url())
    for number in range(5):
        say(chat, ada, str(number))

    assert deliver_all() == 3

    assert [event["message"]["body"] for event in heard(target)] == list("01234")


def test_of_two_workers_one_delivers_and_who_died_is_followed(chat: Chat, ada: User, target: Receiver):
    hook = UUID(made(chat, ada, target.url())["id"])
    say(chat, ada)

    assert deliveries._claim(hook)
    assert not deliveries._claim(hook)
    assert deliveries.due_hooks() == []

    OutgoingHook.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert deliveries.due_hooks() == [hook]


def test_the_clock_delivers_on_threads_of_its_own(chat: Chat, ada: User, target: Receiver):
    came = threading.Event()

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        came.set()
        return 200, {}, b""

    target.answer = answer
    made(chat, ada, target.url())
    say(chat, ada)

    services.deliver_to_hooks()

    assert came.wait(10)
    _until_free()
    assert len(heard(target)) == 1


def _until_free() -> None:
    done = threading.Event()
    for _ in range(200):
        if not OutgoingHook.objects.filter(claimed_until__isnull=False).exists():
            return
        done.wait(0.02)
    raise AssertionError("still claimed")


def test_to_look_for_work_is_one_query(chat: Chat, ada: User, target: Receiver):
    made(chat, ada, target.url())

    with CaptureQueriesContext(connection) as queries:
        services.deliver_to_hooks()

    assert len(queries) == 1


def test_who_takes_its_bot_out_of_the_chat_has_ended_it(chat: Chat, ada: User, target: Receiver):
    made(chat, ada, target.url())
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=OutgoingHook.objects.get().bot_id)
    say(chat, ada, "among ourselves")

    deliver_all()

    assert target.asked == []
    assert listed(chat, ada)["off_at"] is not None


def test_all_in_the_chat_see_who_listens(chat: Chat, ada: User, bob: User, target: Receiver):
    made(chat, ada, target.url())

    cards = [member["user"] for member in selectors.members(chat_id=chat.id, user_id=bob.id)]

    assert [card["display_name"] for card in cards if card.get("is_bot")] == ["CRM"]


def test_deleted_it_hears_no_more(chat: Chat, ada: User, target: Receiver):
    hook = made(chat, ada, target.url())
    say(chat, ada)

    assert Api(ada)("DELETE", f"{hooks_path(chat)}/{hook['id']}").status_code == 204

    assert deliver_all() == 0
    assert target.asked == []


def test_another_secret_signs_from_now_on(chat: Chat, ada: User, target: Receiver):
    hook = made(chat, ada, target.url())
    other = Api(ada)("POST", f"{hooks_path(chat)}/{hook['id']}/secret").json()
    say(chat, ada)

    deliver_all()

    [asked] = target.asked
    moment = asked.headers["x-abdre-signature"].split(",")[0].removeprefix("t=")
    assert asked.headers["x-abdre-signature"] == deliveries.signature(asked.body, other["secret"], at=int(moment))
    assert other["secret"] != hook["secret"]


def test_with_a_former_secret_key_it_signs_on_and_with_none_it_says_so(
    chat: Chat, ada: User, target: Receiver, settings: Settings
):
    made(chat, ada, target.url())
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key " * 4
    say(chat, ada, "one")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert deliver_all() == 1

    settings.SECRET_KEY_FALLBACKS = []
    say(chat, ada, "two")
    deliver_all()

    assert len(target.asked) == 1
    assert listed(chat, ada)["off_at"] is not None


def test_the_last_deliveries_are_kept(chat: Chat, ada: User, target: Receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "KEPT_DELIVERIES", 2)
    made(chat, ada, target.url())
    for number in range(4):
        say(chat, ada, str(number))
        deliver_all()

    assert len(listed(chat, ada)["deliveries"]) == 2
    assert Delivery.objects.count() == 2


def test_neither_a_member_nor_a_stranger_has_a_hand_in_it(
    chat: Chat, ada: User, bob: User, eve: User, told: Told, target: Receiver
):
    hook = made(chat, ada, target.url())
    told.items.clear()
    deeds = [
        ("GET", hooks_path(chat), None),
        ("POST", hooks_path(chat), {"name": "Mine", "url": target.url()}),
        ("POST", f"{hooks_path(chat)}/{hook['id']}/secret", None),
        ("POST", f"{hooks_path(chat)}/{hook['id']}/on", None),
        ("DELETE", f"{hooks_path(chat)}/{hook['id']}", None),
    ]

    assert [Api(bob)(*deed).status_code for deed in deeds] == [403] * 5
    assert [Api(eve)(*deed).status_code for deed in deeds] == [404] * 5
    assert told.items == []


@pytest.mark.parametrize("url", ["ftp://example.org/", "http://ada:word@example.org/", "nonsense", "", "http://[::1/"])
def test_what_is_no_target_is_refused(chat: Chat, ada: User, url: str):
    answer = Api(ada)("POST", hooks_path(chat), {"name": "CRM", "url": url})

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == ["url"]


def test_nobody_inside_is_told_anything(chat: Chat, ada: User, target: Receiver, settings: Settings):
    made(chat, ada, target.url())
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("198.51.100.0/24")]
    say(chat, ada)

    deliver_all()

    assert target.asked == []
    assert listed(chat, ada)["deliveries"][0]["problem"] == "unreachable"


def test_a_list_costs_the_same_however_many_there_are(chat: Chat, ada: User, target: Receiver):
    for _ in range(3):
        made(chat, ada, target.url())
    api = Api(ada)

    with CaptureQueriesContext(connection) as queries:
        api("GET", hooks_path(chat))

    assert len(queries) <= 4
