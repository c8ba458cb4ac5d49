"""A login that was overtaken: between the proof and the session the password is replaced, or the account closed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from abdre.db import close_connections
from auth_svc.errors.devices import DeviceCodeExpired
from auth_svc.errors.sessions import WrongCredentials
from auth_svc.models import Session
from auth_svc.services import accounts, ban, devices, end_sessions, entry, open_session
from auth_svc.services.passwords import _key_of
from auth_svc.tests.factors.ways import Clock, challenge_for, pass_by, turn_on_app
from auth_svc.tests.people import Visitor, code_of
from auth_svc.tests.test_locks import until_somebody_waits
from chat_svc.selectors import active_members
from chat_svc.services import create_chat
from user_svc.selectors import user_by_id

ANOTHER = "a wholly other one, long"


def in_between(monkeypatch: pytest.MonkeyPatch, module: Any, check: str, deed: Callable[[], object]) -> None:
    """`deed` happens once `check` has said its word, and before anything comes of it."""
    checks = getattr(module, check)

    def overtaken(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(module, check, checks)
        word = checks(*args, **named)
        deed()
        return word

    monkeypatch.setattr(module, check, overtaken)


@pytest.fixture
def reset(ada: Visitor, visitor) -> Callable[[], None]:
    """Ada sets a new password by a letter that she has."""

    def by_the_letter() -> None:
        sent = {"key": _key_of(user_by_id(ada.id)), "password": ANOTHER}
        assert visitor().post("/api/auth/password/reset/confirm", sent).status_code == 204

    return by_the_letter


def living(person: Visitor) -> int:
    return Session.objects.of(person.id).alive().count()


def test_a_reset_overtakes_a_login_by_the_old_password(ada: Visitor, somebody: Visitor, reset, monkeypatch):
    in_between(monkeypatch, accounts, "_password_is_right", reset)

    answer = somebody.login("ada")

    assert (answer.status_code, code_of(answer)) == (401, "wrong_credentials")
    assert living(ada) == 0
    assert somebody.login("ada", ANOTHER).status_code == 200


def test_a_change_on_another_device_overtakes_it_too(ada: Visitor, somebody: Visitor, monkeypatch):
    in_between(
        monkeypatch, accounts, "_password_is_right", lambda: ada.post("/api/auth/password", {"password": ANOTHER})
    )

    assert somebody.login("ada").status_code == 401
    assert living(ada) == 1


def test_a_ban_overtakes_it(ada: Visitor, somebody: Visitor, monkeypatch):
    in_between(monkeypatch, accounts, "is_welcome", lambda: ban(user_id=ada.id))

    answer = somebody.login("ada")

    assert (answer.status_code, code_of(answer)) == (403, "account_closed")
    assert living(ada) == 0


def test_a_guest_who_is_overtaken_keeps_everything(ada: Visitor, guest: Visitor, reset, monkeypatch):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    in_between(monkeypatch, accounts, "_password_is_right", reset)

    assert guest.login("ada").status_code == 401

    assert guest.is_signed_in()
    assert active_members([chat.id]) == {chat.id: {guest.id}}


def test_the_second_step_is_overtaken_as_the_first(ada: Visitor, somebody: Visitor, clock: Clock, reset, monkeypatch):
    _, paper = turn_on_app(ada, clock)
    challenge = challenge_for(somebody)
    in_between(monkeypatch, entry, "_check", reset)

    answer = pass_by(somebody, challenge, paper[0])

    assert (answer.status_code, code_of(answer)) == (401, "challenge_expired")
    assert living(ada) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_session_that_opens_while_all_are_ended_is_ended_or_refused(ada: Visitor):
    """The reset has written the password and not yet ended the sessions; the login waits for it."""
    user = user_by_id(ada.id)

    def log_in() -> object:
        try:
            return open_session(user_id=user.id, password=user.password)
        except WrongCredentials as refusal:
            return refusal.code
        finally:
            close_connections()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE user_svc_user SET password = 'another' WHERE id = %s", [user.id])
            opening = thread.submit(log_in)
            until_somebody_waits(cursor)
            end_sessions(user_id=user.id)
        outcome = opening.result(timeout=10)

    assert outcome == "wrong_credentials"
    assert living(ada) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_ends_all_sessions_waits_for_the_one_that_is_being_opened(ada: Visitor):
    def end_all() -> int:
        try:
            return end_sessions(user_id=ada.id)
        finally:
            close_connections()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            open_session(user_id=ada.id, password=user_by_id(ada.id).password)
            ending = thread.submit(end_all)
            until_somebody_waits(cursor)
        assert ending.result(timeout=10) == 2

    assert living(ada) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_device_code_opens_nothing_while_the_session_that_vouches_is_ended(ada: Visitor, visitor):
    screen = visitor()
    code = screen.post("/api/auth/device-codes").json()
    ada.post("/api/auth/device-codes/confirm", {"token": code["url"].rpartition("/")[2]})

    def collect() -> object:
        try:
            sent = {"code_id": code["id"], "secret": code["secret"], "remember": True, "address": ""}
            return devices.collect_device_code(**sent)
        except DeviceCodeExpired as refusal:
            return refusal.code
        finally:
            close_connections()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            end_sessions(user_id=ada.id)
            collecting = thread.submit(collect)
            until_somebody_waits(cursor)
        assert collecting.result(timeout=10) == "device_code_expired"

    assert living(ada) == 0
