"""Logging in on another device: it shows a code, one that is signed in scans and confirms, the new one collects."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.utils import timezone

from abdre import jobs
from abdre.tokens import read
from auth_svc.models import DeviceCode, Session
from auth_svc.services import ban, end_sessions, forget_device_codes
from auth_svc.tests.factors.ways import Clock, turn_on_app
from auth_svc.tests.invitations.test_races import at_once
from auth_svc.tests.people import FIREFOX, PASSWORD, Browser, Visitor, assert_refused, code_of, set_back
from chat_svc.selectors import active_members
from chat_svc.services import create_chat

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

CODES = "/api/auth/device-codes"
Code = dict[str, Any]


def make(screen: Visitor) -> Code:
    response = screen.post(CODES)
    assert response.status_code == 201, response.content
    code: Code = response.json()
    return code


def token_of(code: Code) -> str:
    return str(code["url"].rpartition("/")[2])


def say(who: Visitor, deed: str, code: Code) -> Response:
    return who.post(f"{CODES}/{deed}", {"token": token_of(code)})


def collect(screen: Visitor, code: Code, **more: Any) -> Response:
    return screen.post(f"{CODES}/collect", {"id": code["id"], "secret": code["secret"], **more})


def let_time_pass(**span: float) -> None:
    set_back(DeviceCode, "created_at", "expires_at", "confirmed_at", **span)


@pytest.fixture
def screen(visitor) -> Visitor:
    """A new device, on which nobody is signed in."""
    new: Visitor = visitor()
    return new


@pytest.fixture
def code(screen: Visitor) -> Code:
    return make(screen)


def test_a_code_lives_for_half_a_minute_and_is_kept_as_hashes_only(screen: Visitor):
    response = screen.post(CODES)

    code = response.json()
    row = DeviceCode.objects.get()
    assert row.expires_at - row.created_at == timedelta(seconds=30)
    assert re.fullmatch(r"\d\d", code["check"])
    assert re.fullmatch(r"http://testserver/device/[\w-]{32}", code["url"])
    assert code["qr_svg"].startswith("<svg ")
    assert response["Cache-Control"] == "no-store"
    kept = str(list(DeviceCode.objects.values()))
    assert token_of(code) not in kept
    assert code["secret"] not in kept


def test_the_link_has_the_public_origin(screen: Visitor, settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    assert make(screen)["url"].startswith("https://chat.example.org/device/")


def test_whoever_opened_localhost_gets_an_address_that_a_phone_reaches(screen: Visitor, settings, monkeypatch):
    settings.OFFER_LAN_ADDRESS = True
    monkeypatch.setattr("abdre.origin.lan_address", lambda: "192.168.7.7")

    code = screen.post(CODES, Host="localhost:8000").json()

    assert code["url"].startswith("http://192.168.7.7:8000/device/")


def test_who_scans_it_sees_which_device_asks_and_the_number_to_compare(ada: Visitor, screen: Visitor):
    code = screen.post(CODES, User_Agent=FIREFOX).json()

    shown = say(ada, "preview", code).json()

    assert shown["state"] == "waiting"
    assert shown["device"] == "Firefox on Linux"
    assert shown["place"] == ""
    assert shown["address"] == f"{screen.address.rpartition('.')[0]}.0/24"
    assert shown["check"] == code["check"]
    assert shown["expires_at"] == code["expires_at"]


def test_looking_confirms_nothing(ada: Visitor, screen: Visitor, code: Code):
    for _ in range(3):
        say(ada, "preview", code)

    answer = collect(screen, code)
    assert (answer.status_code, answer.json()) == (202, {"state": "waiting"})


def test_once_confirmed_the_new_device_is_signed_in_as_that_person(ada: Visitor, screen: Visitor):
    code = screen.post(CODES, User_Agent=FIREFOX).json()

    assert say(ada, "confirm", code).status_code == 204
    screen.signed_in_by(collect(screen, code))

    assert screen.id == ada.id
    assert screen.is_signed_in()
    session = Session.objects.get(id=read(screen.token).session_id)
    assert (session.user_agent, session.address) == (FIREFOX, f"{screen.address.rpartition('.')[0]}.0/24")


def test_a_browser_gets_cookies_and_never_sees_a_token(ada: Visitor, browser):
    new: Browser = browser()
    code = make(new)
    say(ada, "confirm", code)

    answer = collect(new, code, remember=False)

    assert set(answer.json()) == {"user"}
    assert new.is_signed_in()
    assert answer.cookies["abdre_refresh"]["httponly"]
    assert answer.cookies["abdre_refresh"]["max-age"] == ""


def test_the_confirming_device_sees_that_it_is_done_and_may_say_it_twice(ada: Visitor, screen: Visitor, code: Code):
    assert [say(ada, "confirm", code).status_code for _ in range(2)] == [204, 204]
    collect(screen, code)

    assert say(ada, "preview", code).json()["state"] == "confirmed"
    assert_refused(collect(screen, code), 410, "device_code_used")


def test_the_person_gets_a_letter_that_names_the_new_device(ada: Visitor, screen: Visitor):
    code = screen.post(CODES, User_Agent=FIREFOX).json()
    say(ada, "confirm", code)
    jobs.do_all()
    mail.outbox.clear()

    collect(screen, code)
    jobs.do_all()

    [letter] = mail.outbox
    assert letter.to == ["ada@example.org"]
    assert "Firefox on Linux" in letter.body


def test_the_new_session_has_shown_nothing_whatever_the_one_that_vouched_has(
    ada: Visitor, screen: Visitor, code: Code, clock: Clock
):
    app, _ = turn_on_app(ada, clock)
    say(ada, "confirm", code)
    screen.signed_in_by(collect(screen, code))

    refused = [
        screen.delete("/api/auth/totp"),
        screen.post("/api/auth/password", {"password": "the thief's very own one"}),
        screen.post("/api/auth/password", {"password": "the thief's very own one", "password_old": PASSWORD}),
        screen.post("/api/auth/email", {"email": "thief@example.org"}),
        screen.post("/api/auth/exports"),
        screen.post("/api/auth/account/deactivate"),
        screen.post("/api/auth/account/delete"),
    ]
    assert [code_of(answer) for answer in refused] == ["second_factor_needed"] * len(refused)
    assert ada.is_signed_in()
    assert ada.get("/api/auth/security").json()["totp"]

    clock.forward()
    screen.post("/api/auth/reauthenticate", {"code": app.code()})
    assert screen.delete("/api/auth/totp").status_code == 204


def test_without_a_second_factor_the_new_session_is_asked_for_the_password(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)
    screen.signed_in_by(collect(screen, code))

    refused = screen.post("/api/auth/password", {"password": "the thief's very own one"})
    assert_refused(refused, 403, "reauthentication_required")
    screen.post("/api/auth/reauthenticate", {"password": PASSWORD})

    assert screen.post("/api/auth/password", {"password": "hers, and a new one"}).status_code == 204


def test_the_new_session_is_no_younger_than_the_one_that_vouched(ada: Visitor, screen: Visitor, code: Code):
    yesterday = timezone.now() - timedelta(days=1)
    Session.objects.filter(user_id=ada.id).update(authenticated_at=yesterday, second_factor_at=timezone.now())

    say(ada, "confirm", code)
    screen.signed_in_by(collect(screen, code))

    session = Session.objects.get(id=read(screen.token).session_id)
    assert (session.authenticated_at, session.second_factor_at) == (yesterday, None)


def test_what_was_declined_opens_nothing(ada: Visitor, bob: Visitor, screen: Visitor, code: Code):
    assert say(ada, "decline", code).status_code == 204

    assert_refused(collect(screen, code), 410, "device_code_declined")
    for who in (ada, bob):
        for deed in ("preview", "confirm", "decline"):
            assert_refused(say(who, deed, code), 410, "device_code_declined")


def test_after_half_a_minute_nobody_can_confirm(ada: Visitor, screen: Visitor, code: Code):
    let_time_pass(seconds=30)

    for deed in ("preview", "confirm", "decline"):
        assert_refused(say(ada, deed, code), 410, "device_code_expired")
    assert_refused(collect(screen, code), 410, "device_code_expired")


def test_what_was_confirmed_in_the_last_second_can_be_collected_for_a_minute(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)

    let_time_pass(seconds=59)
    assert collect(screen, code).status_code == 200


def test_what_nobody_collected_within_a_minute_is_over(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)

    let_time_pass(seconds=61)
    assert_refused(collect(screen, code), 410, "device_code_expired")


def test_a_session_that_was_ended_vouches_for_nobody(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)
    end_sessions(user_id=ada.id)

    assert_refused(collect(screen, code), 410, "device_code_expired")
    assert not Session.objects.of(ada.id).alive().exists()


def test_who_is_banned_meanwhile_is_signed_in_nowhere(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)
    ban(user_id=ada.id)

    assert_refused(collect(screen, code), 410, "device_code_expired")


def test_after_one_has_confirmed_another_can_neither_see_nor_undo_it(
    ada: Visitor, eve: Visitor, screen: Visitor, code: Code
):
    say(ada, "confirm", code)

    for deed in ("preview", "confirm", "decline"):
        answer = say(eve, deed, code)
        assert_refused(answer, 410, "device_code_used")
        assert "device" not in answer.json()
    assert screen.signed_in_by(collect(screen, code)).id == ada.id


@pytest.mark.parametrize("deed", ["confirm", "decline"])
def test_eve_who_comes_after_the_person_is_refused_and_nobody_is_told(
    ada: Visitor, eve: Visitor, code: Code, told, deed: str
):
    say(ada, "confirm", code)
    told.clear()

    assert_refused(say(eve, deed, code), 410, "device_code_used")

    jobs.do_all()
    assert (told, mail.outbox) == ([], [])


def test_of_a_login_by_a_code_nobody_else_is_told(ada: Visitor, eve: Visitor, screen: Visitor, code: Code, told):
    say(ada, "confirm", code)
    collect(screen, code)

    jobs.do_all()
    assert {group for group, _event in told} <= {f"user.{ada.id}"}
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]


def test_of_what_eve_declines_nobody_is_told(ada: Visitor, eve: Visitor, screen: Visitor, code: Code, told):
    told.clear()

    assert say(eve, "decline", code).status_code == 204

    jobs.do_all()
    assert_refused(collect(screen, code), 410, "device_code_declined")
    assert (told, mail.outbox) == ([], [])


def test_who_has_the_link_alone_cannot_collect(ada: Visitor, eve: Visitor, code: Code):
    say(ada, "confirm", code)

    for secret in (token_of(code), code["check"], "", code["id"]):
        answer = eve.post(f"{CODES}/collect", {"id": code["id"], "secret": secret})
        assert answer.status_code in (404, 422), answer.content
    assert Session.objects.of(ada.id).count() == 1


def test_the_new_device_cannot_confirm_itself(screen: Visitor, code: Code, ada: Visitor):
    for deed in ("preview", "confirm", "decline"):
        assert say(screen, deed, code).status_code == 401
        assert_refused(ada.post(f"{CODES}/{deed}", {"token": code["secret"]}), 404, "device_code_unknown")


def test_a_guest_is_told_that_it_takes_an_account(guest: Visitor, screen: Visitor, code: Code):
    for deed in ("preview", "confirm", "decline"):
        assert_refused(say(guest, deed, code), 403, "account_required")
    assert collect(screen, code).status_code == 202


def test_confirming_by_cookie_takes_the_csrf_token(browser, code: Code):
    ada: Browser = browser()
    ada.register("ada")

    assert say(ada, "preview", code).status_code == 200
    refused = ada.post(f"{CODES}/confirm", {"token": token_of(code)}, X_CSRFToken="")

    assert refused.status_code == 403
    assert DeviceCode.objects.get().confirmed_at is None


def test_a_foreign_page_can_neither_make_nor_collect_a_code(browser, code: Code):
    new: Browser = browser()

    assert new.post(CODES, Sec_Fetch_Site="cross-site").status_code == 403
    body = {"id": code["id"], "secret": code["secret"]}
    assert new.post(f"{CODES}/collect", body, Sec_Fetch_Site="cross-site").status_code == 403


def test_a_guest_on_the_new_device_brings_its_chats_along(ada: Visitor, guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    code = make(guest)
    say(ada, "confirm", code)

    guest.signed_in_by(collect(guest, code))

    assert guest.id == ada.id
    assert active_members([chat.id]) == {chat.id: {ada.id}}


def test_one_network_cannot_make_codes_without_end(screen: Visitor):
    answers = [screen.post(CODES).status_code for _ in range(81)]

    assert answers == [201] * 80 + [429]


def test_who_guesses_is_slowed_down_and_a_good_code_passes_still(ada: Visitor, code: Code):
    guesses = [ada.post(f"{CODES}/preview", {"token": f"guess-{number}"}).status_code for number in range(31)]

    assert guesses == [404] * 30 + [429]
    assert say(ada, "preview", code).status_code == 200


def test_what_ended_is_forgotten_soon(code: Code):
    let_time_pass(minutes=5)
    forget_device_codes()
    assert DeviceCode.objects.count() == 1

    let_time_pass(minutes=6)
    forget_device_codes()
    assert DeviceCode.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_collect_at_once_one_gets_the_session(ada: Visitor, screen: Visitor, code: Code):
    say(ada, "confirm", code)

    answers = at_once([partial(collect, screen, code)] * 20)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 19}
    assert Session.objects.of(ada.id).count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_those_who_confirm_and_decline_at_once_one_is_heard(ada: Visitor, bob: Visitor, screen: Visitor, code: Code):
    deeds = [partial(say, who, deed, code) for who in (ada, bob) for deed in ("confirm", "decline")]

    answers = at_once(deeds)

    assert [answer.status_code for answer in answers].count(204) == 1
    row = DeviceCode.objects.get()
    assert (row.confirmed_at is None) != (row.declined_at is None)
