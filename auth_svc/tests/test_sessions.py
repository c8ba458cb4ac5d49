"""Where somebody is signed in, and how that ends."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.tests.browsers import Browser
from abdre.web_push import Target
from auth_svc.models import RefreshToken, Session
from auth_svc.selectors import ended_among, session_is_alive
from auth_svc.selectors.devices import device_of
from auth_svc.services import forget_old_sessions
from auth_svc.tests.people import FIREFOX, Visitor, code_of
from user_svc.selectors import push_subscriptions
from user_svc.services import subscribe


def ids(person: Visitor) -> list[str]:
    return [session["id"] for session in person.get("/api/auth/sessions").json()["items"]]


@pytest.fixture
def phone(ada: Visitor, visitor) -> Visitor:
    """Ada's other device."""
    phone: Visitor = visitor()
    return phone.signed_in_by(
        phone.post("/api/auth/login", {"login": "ada", "password": "long enough, and not common"}, User_Agent=FIREFOX)
    )


def test_a_person_sees_their_own_devices_the_last_used_first(ada: Visitor, phone: Visitor, eve: Visitor):
    items = ada.get("/api/auth/sessions").json()["items"]

    assert [item["device"] for item in items] == ["Firefox on Linux", "Unknown device"]
    assert [item["current"] for item in items] == [False, True]
    assert items[0]["address"] == phone.address.removesuffix(".7") + ".0/24"
    assert set(items[0]) == {"id", "device", "address", "place", "created_at", "last_used_at", "expires_at", "current"}
    assert all(items[0][moment].endswith("Z") for moment in ("created_at", "last_used_at", "expires_at"))


def test_ending_one_device_leaves_the_other(ada: Visitor, phone: Visitor, told):
    other, own = ids(ada)

    response = ada.delete(f"/api/auth/sessions/{other}")

    assert response.status_code == 204
    assert not phone.is_signed_in()
    assert phone.refresh().status_code == 401
    assert ids(ada) == [own]
    assert told == [(f"user.{ada.id}", {"type": "session.ended", "session": other})]


def test_an_ended_session_gets_no_push_messages_any_more(ada: Visitor, phone: Visitor):
    other, own = ids(ada)
    for session in (other, own):
        browser = Browser(f"https://push.example/{session}")
        target = Target(browser.endpoint, browser.p256dh, browser.auth)
        subscribe(user_id=UUID(str(ada.id)), session_id=UUID(session), target=target)

    assert phone.post("/api/auth/logout").status_code == 204

    left = push_subscriptions(user_id=UUID(str(ada.id)), session_id=UUID(own))
    assert [one["session"] for one in left] == [own]


def test_ending_the_others_keeps_this_one(ada: Visitor, phone: Visitor, eve: Visitor, told):
    _, own = ids(ada)

    assert ada.delete("/api/auth/sessions?others=true").status_code == 204

    assert ids(ada) == [own]
    assert not phone.is_signed_in()
    assert eve.is_signed_in()
    assert [group for group, _ in told] == [f"user.{ada.id}"]


@pytest.mark.parametrize("query", ["", "?others=false", "?others="])
def test_all_sessions_are_never_ended_by_a_forgotten_word(ada: Visitor, phone: Visitor, query: str):
    assert ada.delete(f"/api/auth/sessions{query}").status_code == 422

    assert phone.is_signed_in()


def test_a_stranger_ends_nobody_elses_session_and_nobody_is_told(ada: Visitor, eve: Visitor, told):
    session = ids(ada)[0]

    theirs, unknown = eve.delete(f"/api/auth/sessions/{session}"), eve.delete(f"/api/auth/sessions/{uuid4()}")

    assert theirs.status_code == unknown.status_code == 404
    assert code_of(theirs) == code_of(unknown) == "session_not_found"
    assert session not in ids(eve)
    assert ada.is_signed_in()
    assert told == []


def test_logging_out_ends_the_access_token_at_once_and_the_refresh_token_with_it(ada: Visitor, phone: Visitor, told):
    _, own = ids(ada)

    response = ada.post("/api/auth/logout")

    assert response.status_code == 204
    assert not ada.is_signed_in()
    assert ada.refresh().status_code == 401
    assert phone.is_signed_in()
    assert told == [(f"user.{ada.id}", {"type": "session.ended", "session": own})]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/logout"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions?others=true"),
        ("DELETE", f"/api/auth/sessions/{uuid4()}"),
    ],
)
def test_nobody_is_asked_to_sign_in(somebody: Visitor, method: str, path: str):
    response = somebody.ask(method, path)

    assert (response.status_code, code_of(response)) == (401, "not_signed_in")


def test_who_asks_about_sessions_from_outside_learns_which_live(ada: Visitor, phone: Visitor):
    gone, own = (UUID(text) for text in ids(ada))
    ada.delete(f"/api/auth/sessions/{gone}")
    never = uuid4()

    assert session_is_alive(own)
    assert not session_is_alive(gone)
    assert ended_among([own, gone, never]) == {gone, never}


@pytest.mark.parametrize("over", ["ended_at", "expires_at"])
def test_what_was_over_long_ago_is_forgotten_and_nothing_else(ada: Visitor, phone: Visitor, eve: Visitor, over: str):
    long_ago = timezone.now() - timedelta(days=31)
    ada.delete("/api/auth/sessions?others=true")
    Session.objects.filter(user_id=eve.id).update(**{"created_at": long_ago - timedelta(days=30), over: long_ago})

    assert forget_old_sessions() == 1

    assert Session.objects.filter(user_id=ada.id).count() == 2
    assert RefreshToken.objects.filter(session__user_id=eve.id).count() == 0
    assert ada.refresh().status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        ("\x07bell", "Unknown device"),
    ],
)
def test_a_device_is_named_as_its_owner_would(user_agent: str, device: str):
    assert device_of(user_agent) == device
