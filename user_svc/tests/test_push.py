"""Which browsers get push messages: one of each session, as long as it lasts."""

import datetime as dt
import ipaddress
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from abdre import jobs, web_push
from abdre.push_key import first_push_pem
from abdre.store import store
from abdre.tests.browsers import Browser
from abdre.tests.receiver import Receiver, receiver
from abdre.tests.signing import bearer
from abdre.tokens import ALIVE, mark_ended, session_key
from user_svc import selectors, services
from user_svc.models import Preferences, PushSubscription, User
from user_svc.services.push import DEVICES_LIMIT

MINE = "/api/users/me/push-subscriptions"


@pytest.fixture(autouse=True)
def _push(settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.PUSH_PEM = first_push_pem()


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver(lambda asked: (201, {}, b"")) as made:
        yield made


def session() -> UUID:
    """One that lives."""
    made = uuid4()
    store.put(session_key(made), ALIVE, ttl_s=60)
    return made


def ask(user: User, session_id: UUID, method: str, path: str = MINE, body: object = None) -> Any:
    sent: dict[str, Any] = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return Client().generic(method, path, headers=bearer(user.id, session_id=session_id), **sent)


def endpoints_of(user: User) -> set[str]:
    return set(PushSubscription.objects.filter(user=user).values_list("endpoint", flat=True))


def test_a_page_gets_the_key_that_its_browser_asks_for(ada: User):
    answer = ask(ada, session(), "GET", "/api/users/push-key")

    assert answer.json() == {"key": web_push.public_key()}


def test_a_guest_too_gets_push_messages_in_this_session(guest: User):
    here = session()

    made = ask(guest, here, "POST", body=Browser("https://push.example/1").subscription)

    assert made.status_code == 201, made.content
    assert (made.json()["session"], made.json()["is_current"]) == (str(here), True)
    assert ask(guest, here, "GET").json() == {"items": [made.json()]}
    assert ask(guest, session(), "GET").json()["items"][0]["is_current"] is False


def test_a_session_has_one_and_another_persons_browser_becomes_ones_own(ada: User, bob: User):
    adas, bobs = session(), session()
    ask(ada, adas, "POST", body=Browser("https://push.example/1").subscription)
    ask(ada, adas, "POST", body=Browser("https://push.example/2").subscription)
    ask(bob, bobs, "POST", body=Browser("https://push.example/3").subscription)

    ask(bob, bobs, "POST", body=Browser("https://push.example/2").subscription)

    assert (endpoints_of(ada), endpoints_of(bob)) == (set(), {"https://push.example/2"})


def test_switched_off_it_is_gone_and_others_stay(ada: User, bob: User):
    adas, bobs = session(), session()
    ask(ada, adas, "POST", body=Browser("https://push.example/1").subscription)
    ask(bob, bobs, "POST", body=Browser("https://push.example/2").subscription)

    answer = ask(ada, adas, "DELETE")

    assert answer.status_code == 204
    assert (endpoints_of(ada), endpoints_of(bob)) == (set(), {"https://push.example/2"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "ftp://push.example"}, "endpoint"),
        ({"endpoint": "http://me:secret@push.example"}, "endpoint"),
        ({"keys": {"p256dh": "B" * 87, "auth": "A" * 22}}, "keys"),
        ({"keys": "none"}, "keys"),
    ],
)
def test_what_no_browser_gives_is_refused(ada: User, change: dict[str, Any], field: str):
    answer = ask(ada, session(), "POST", body={**Browser("https://push.example/1").subscription, **change})

    assert answer.status_code == 422
    assert field in answer.json()["error"]["fields"]
    assert endpoints_of(ada) == set()


def test_devices_have_a_limit(ada: User):
    for number in range(DEVICES_LIMIT):
        services.subscribe(user_id=ada.id, session_id=uuid4(), target=_target(f"https://push.example/{number}"))

    answer = ask(ada, session(), "POST", body=Browser("https://push.example/more").subscription)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_devices")


def test_a_test_message_comes_encrypted_to_this_browser(ada: User, service: Receiver):
    here, browser = session(), Browser(service.url())
    ask(ada, here, "POST", body=browser.subscription)

    answer = ask(ada, here, "POST", f"{MINE}/test")
    jobs.do_all()

    assert answer.status_code == 204
    [asked] = service.asked
    assert browser.read(asked.body)["tag"] == "test"
    assert ask(ada, session(), "POST", f"{MINE}/test").status_code == 404


@pytest.mark.parametrize(("chosen", "title"), [("", "Работает"), ("en", "It works")])
def test_who_has_chosen_no_language_is_told_in_their_browsers(ada: User, service: Receiver, chosen: str, title: str):
    here, browser = session(), Browser(service.url())
    Preferences.objects.create(user=ada, language=chosen)
    asking = {**bearer(ada.id, session_id=here), "Accept-Language": "ru-KZ,ru;q=0.9"}

    Client().post(MINE, browser.subscription, content_type="application/json", headers=asking)
    services.ask_for_test_push(user_id=ada.id, session_id=here)
    jobs.do_all()

    [asked] = service.asked
    assert browser.read(asked.body)["title"] == title
    assert selectors.language_of(ada) == (chosen or "ru")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(ada: User, service: Receiver, status: int):
    service.answer = lambda asked: (status, {}, b"")
    one = services.subscribe(user_id=ada.id, session_id=session(), target=_target(service.url()))

    services.push(one, {}, topic="tea", ttl_s=60)

    assert endpoints_of(ada) == set()


def test_after_the_end_of_the_session_nothing_is_sent(ada: User, service: Receiver):
    here = session()
    one = services.subscribe(user_id=ada.id, session_id=here, target=_target(service.url()))
    mark_ended(here)

    services.push(one, {}, topic="tea", ttl_s=60)

    assert (service.asked, endpoints_of(ada)) == ([], set())


def test_who_is_deleted_leaves_no_browser(ada: User):
    services.subscribe(user_id=ada.id, session_id=uuid4(), target=_target("https://push.example/1"))

    services.anonymise(user_id=ada.id)

    assert not PushSubscription.objects.exists()


def test_quiet_hours_and_the_rest_are_preferences(ada: User):
    wished = {"quiet_from": "22:00", "quiet_until": "07:30", "hides_text": True, "digest": True}

    answer = ask(ada, session(), "PATCH", "/api/users/me/preferences", wished)

    assert answer.status_code == 200, answer.content
    assert wished.items() <= answer.json().items()
    ended = ask(ada, session(), "PATCH", "/api/users/me/preferences", {"quiet_from": None, "quiet_until": None})
    assert (ended.json()["quiet_from"], ended.json()["quiet_until"]) == ("", "")


@pytest.mark.parametrize("wished", [{"quiet_from": "22:00"}, {"quiet_from": "25:00", "quiet_until": "07:00"}])
def test_quiet_hours_have_two_ends(ada: User, wished: dict[str, str]):
    answer = ask(ada, session(), "PATCH", "/api/users/me/preferences", wished)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("begin", "end", "chosen", "device", "quiet"),
    [
        (22, 7, "", "", True),  # 01:30 in UTC
        (22, 7, "Asia/Almaty", "", True),  # 06:30
        (22, 6, "Asia/Almaty", "", False),
        (22, 6, "", "Asia/Almaty", False),
        (22, 6, "UTC", "Asia/Almaty", True),
        (1, 2, "", "", True),
        (2, 1, "", "", False),
    ],
)
def test_it_is_quiet_by_the_persons_clock(begin: int, end: int, chosen: str, device: str, quiet: bool):
    wishes = Preferences(time_zone=chosen, quiet_from=dt.time(begin), quiet_until=dt.time(end))

    now = dt.datetime(2026, 7, 1, 1, 30, tzinfo=dt.UTC)

    assert selectors.is_quiet(wishes, device_zone=device, now=now) is quiet


def _target(endpoint: str) -> web_push.Target:
    browser = Browser(endpoint)
    return web_push.Target(endpoint, browser.p256dh, browser.auth)
