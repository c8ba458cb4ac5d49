"""A password on a code: asked at the door, kept as a hash, guessed at slowly."""

from uuid import UUID

import pytest
from pytest_django import Settings

from auth_svc.models import Invitation
from auth_svc.services import code_passwords
from auth_svc.tests.invitations.codes import INVITATIONS, Code, Told, accept, invite, path_of, preview, row
from auth_svc.tests.people import Visitor, assert_refused

WORD = "пароль дня"


@pytest.fixture
def locked(ada: Visitor, chat: UUID) -> Code:
    return invite(ada, chat, password=WORD, max_uses=None)


def say(who: Visitor, code: Code, password: str, **facts: str):
    body = {"token": code["token"], "display_name": "Tom", "password": password, **facts}
    return who.post(f"{INVITATIONS}/accept", body)


def test_it_opens_by_the_password_alone(somebody: Visitor, eve: Visitor, locked: Code, told: Told):
    told.clear()

    for who in (somebody, eve):
        assert_refused(accept(who, locked), 403, "password_required")
        assert_refused(say(who, locked, "guess"), 403, "wrong_password")
    assert told == []
    assert row(locked).uses == 0

    assert say(somebody, locked, WORD).status_code == say(eve, locked, WORD).status_code == 200
    assert row(locked).uses == 2


def test_a_code_without_one_asks_for_none(somebody: Visitor, code: Code):
    assert preview(somebody, code)["has_password"] is False
    assert say(somebody, code, "whatever").status_code == 200


def test_nothing_but_a_hash_is_kept_and_nothing_of_it_is_shown(
    ada: Visitor, somebody: Visitor, chat: UUID, settings: Settings
):
    settings.PASSWORD_HASHERS = ["abdre.passwords.Argon2"]
    made = ada.post(INVITATIONS, {"chat": str(chat), "password": WORD})
    code = made.json()

    assert row(code).password_hash.startswith("argon2")
    assert WORD not in made.content.decode() + repr(Invitation.objects.values_list().get(id=code["id"]))
    assert (code["has_password"], preview(somebody, code)["has_password"]) == (True, True)
    assert row(code).password_hash not in made.content.decode()


def test_who_is_in_is_not_asked_and_of_a_dead_code_nobody_is(
    ada: Visitor, bob: Visitor, somebody: Visitor, locked: Code
):
    assert accept(bob, locked).status_code == 200
    ada.delete(path_of(locked))
    assert_refused(accept(somebody, locked), 410, "invitation_revoked")


def test_a_renewed_code_asks_for_the_same(ada: Visitor, somebody: Visitor, locked: Code):
    fresh = ada.post(path_of(locked, "/renew")).json()

    assert_refused(accept(somebody, fresh), 403, "password_required")
    assert say(somebody, fresh, WORD).status_code == 200


def test_spaces_are_part_of_it(ada: Visitor, somebody: Visitor, chat: UUID):
    code = invite(ada, chat, password=" four ")

    assert_refused(say(somebody, code, "four"), 403, "wrong_password")
    assert say(somebody, code, " four ").status_code == 200


class TestGuessing:
    def test_a_network_has_some_tries_at_a_code_and_others_keep_theirs(
        self, somebody: Visitor, visitor, locked: Code, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(code_passwords.PER_CODE_AND_PREFIX, "limit", 2)

        answers = [say(somebody, locked, "guess") for _ in range(2)]
        assert {answer.status_code for answer in answers} == {403}
        assert_refused(say(somebody, locked, WORD), 429, "too_many")

        assert say(visitor(), locked, WORD).status_code == 200

    def test_a_code_has_some_tries_from_everywhere(
        self, visitor, locked: Code, code: Code, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(code_passwords.PER_CODE, "limit", 2)
        for _ in range(2):
            say(visitor(), locked, "guess")

        assert_refused(say(visitor(), locked, WORD), 429, "too_many")
        assert accept(visitor(), code).status_code == 200

    def test_the_right_one_was_no_guess(self, visitor, locked: Code, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(code_passwords.PER_CODE_AND_PREFIX, "limit", 1)
        hall = visitor()
        address = hall.address

        for _ in range(3):  # a hall full of people behind one address
            person = visitor()
            person.address = address
            assert say(person, locked, WORD).status_code == 200
