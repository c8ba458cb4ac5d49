"""Showing once more that it is you, before something about signing in changes."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from abdre.tokens import read
from auth_svc.errors.sessions import ReauthenticationRequired
from auth_svc.models import Session
from auth_svc.services import require_recent
from auth_svc.tests.people import PASSWORD, Visitor, code_of


def session_of(person: Visitor) -> UUID:
    return read(person.token).session_id


def is_recent(person: Visitor) -> bool:
    try:
        require_recent(session_id=session_of(person))
    except ReauthenticationRequired:
        return False
    return True


@pytest.fixture
def long_ago(ada: Visitor) -> Visitor:
    """Ada signed in an hour ago."""
    Session.objects.filter(id=session_of(ada)).update(authenticated_at=timezone.now() - timedelta(hours=1))
    return ada


def test_who_has_just_signed_in_has_shown_it(ada: Visitor):
    assert is_recent(ada)


def test_after_a_while_the_password_shows_it_again(long_ago: Visitor):
    assert not is_recent(long_ago)

    assert long_ago.post("/api/auth/reauthenticate", {"password": PASSWORD}).status_code == 204

    assert is_recent(long_ago)


def test_another_device_of_the_same_person_has_not_shown_it(long_ago: Visitor, visitor):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))

    phone.post("/api/auth/reauthenticate", {"password": PASSWORD})

    assert not is_recent(long_ago)


def test_a_wrong_password_shows_nothing(long_ago: Visitor):
    answer = long_ago.post("/api/auth/reauthenticate", {"password": "not hers at all"})

    assert (answer.status_code, code_of(answer)) == (422, "wrong_password")
    assert not is_recent(long_ago)


def test_passwords_cannot_be_tried_without_end_and_the_owners_other_device_need_not_wait(long_ago: Visitor, visitor):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))

    answers = [long_ago.post("/api/auth/reauthenticate", {"password": "wrong"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert phone.post("/api/auth/reauthenticate", {"password": PASSWORD}).status_code == 204


def test_nobody_and_guests_cannot_show_it(somebody: Visitor, guest: Visitor):
    assert somebody.post("/api/auth/reauthenticate", {"password": PASSWORD}).status_code == 401
    assert guest.post("/api/auth/reauthenticate", {"password": ""}).status_code == 422


def test_the_page_about_security_shows_how_the_account_is_held(ada: Visitor, guest: Visitor, somebody: Visitor):
    held = {"is_guest": False, "has_password": True, "sessions": 1}
    assert {name: ada.get("/api/auth/security").json()[name] for name in held} == held
    assert guest.get("/api/auth/security").json()["is_guest"]
    assert somebody.get("/api/auth/security").status_code == 401
