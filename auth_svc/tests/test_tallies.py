"""What is counted of ways in, of newcomers and of refusals, for those who look after the installation."""

import pytest

from abdre.errors import REFUSED
from abdre.tests.tallies import counted
from auth_svc.events import LOGINS_FAILED
from auth_svc.tests.factors.ways import WRONG, Clock, challenge_for, pass_by, turn_on_app
from auth_svc.tests.people import Visitor
from user_svc.events import ACCOUNTS_MADE, GUESTS_MADE
from user_svc.services import create_bot


def test_a_wrong_password_is_a_failed_login_and_so_is_one_try_too_many(
    ada: Visitor, somebody: Visitor, monkeypatch: pytest.MonkeyPatch
):
    counts = counted(monkeypatch)

    answers = [somebody.login("ada", "wrong").status_code for _ in range(6)]

    assert answers == [401] * 5 + [429]
    assert counts == {LOGINS_FAILED: 6, REFUSED: 1}


def test_a_right_password_is_none(ada: Visitor, somebody: Visitor, monkeypatch: pytest.MonkeyPatch):
    counts = counted(monkeypatch)

    assert somebody.login("ada").status_code == 200
    assert counts == {}


def test_a_wrong_code_at_the_second_step_is_a_failed_login(
    ada: Visitor, somebody: Visitor, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    turn_on_app(ada, clock)
    challenge = challenge_for(somebody)
    counts = counted(monkeypatch)

    assert pass_by(somebody, challenge, WRONG).status_code == 422
    assert counts == {LOGINS_FAILED: 1}


def test_who_comes_is_counted_when_it_is_committed_guests_and_accounts_apart(visitor, monkeypatch: pytest.MonkeyPatch):
    counts = counted(monkeypatch)
    guest, member = visitor(), visitor()

    guest.signed_in_by(guest.post("/api/auth/guest", {"display_name": "Zoe"}))
    member.signed_in_by(member.register("carl"))
    assert member.register("carl").status_code == 409
    guest.signed_in_by(guest.register("zoe.m"))

    assert counts == {GUESTS_MADE: 1, ACCOUNTS_MADE: 2}


def test_a_bot_is_nobody_who_came(ada: Visitor, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks):
    counts = counted(monkeypatch)

    with django_capture_on_commit_callbacks(execute=True):
        create_bot(owner_id=ada.id, display_name="Teapot")

    assert counts == {}


def test_what_is_forbidden_is_counted_and_what_does_not_exist_is_not(guest: Visitor, monkeypatch: pytest.MonkeyPatch):
    counts = counted(monkeypatch)

    assert guest.post("/api/auth/bots", {"username": "teapot", "display_name": "Teapot"}).status_code == 403
    assert guest.get("/api/auth/invitations/00000000-0000-4000-8000-000000000000").status_code == 404

    assert counts == {REFUSED: 1}
