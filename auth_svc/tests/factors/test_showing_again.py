"""With a second factor: what shows once more that it is you."""

import pytest

from abdre.tests.authenticator import Authenticator
from auth_svc.tests.factors.conftest import Held
from auth_svc.tests.factors.ways import (
    WRONG,
    Clock,
    add_passkey,
    answer_of,
    grow_old,
    has_shown_factor,
    turn_on_app,
)
from auth_svc.tests.people import PASSWORD, Visitor, code_of

PATH = "/api/auth/reauthenticate"
CHANGE = "/api/auth/recovery-codes"


def may_change(person: Visitor) -> bool:
    return person.post(CHANGE).status_code == 201


@pytest.fixture
def phone(ada: Visitor, visitor, clock: Clock) -> Visitor:
    """Ada's other session, from before she had a second factor."""
    phone: Visitor = visitor()
    phone.signed_in_by(phone.login("ada"))
    return phone


def test_in_a_session_that_has_shown_the_factor_the_password_is_enough(ada: Visitor, two_step: Held):
    grow_old(ada)
    assert not may_change(ada)

    assert ada.post(PATH, {"password": PASSWORD}).status_code == 204

    assert may_change(ada)


def test_in_a_session_from_before_the_password_is_not_enough(phone: Visitor, ada: Visitor, clock: Clock):
    app, _ = turn_on_app(ada, clock)
    clock.forward()
    grow_old(phone)

    refused = phone.post(PATH, {"password": PASSWORD})
    assert (refused.status_code, code_of(refused)) == (403, "second_factor_needed")
    assert not may_change(phone)

    assert phone.post(PATH, {"code": app.code()}).status_code == 204
    assert (may_change(phone), has_shown_factor(phone)) == (True, True)


def test_a_session_from_before_changes_nothing_even_moments_after_its_login(phone: Visitor, ada: Visitor, clock: Clock):
    turn_on_app(ada, clock)

    refused = phone.post(CHANGE)

    assert (refused.status_code, code_of(refused)) == (403, "second_factor_needed")


def test_a_recovery_code_shows_it_and_is_used_up(ada: Visitor, two_step: Held):
    grow_old(ada)

    assert [ada.post(PATH, {"code": two_step.paper[0]}).status_code for _ in range(2)] == [204, 422]


def test_a_passkey_shows_it(ada: Visitor, passkey: Authenticator):
    grow_old(ada)

    assert ada.post(PATH, answer_of(ada, passkey)).status_code == 204

    assert may_change(ada)


def test_eves_passkey_and_code_show_nothing_about_ada(ada: Visitor, two_step: Held, eve: Visitor, clock: Clock):
    theirs = Authenticator("http://testserver")
    [paper, *_] = add_passkey(eve, theirs).json()["recovery_codes"]
    app, _ = turn_on_app(eve, clock)
    grow_old(ada)

    proofs = [answer_of(ada, theirs), {"code": app.code(1)}, {"code": paper}]
    refused = [code_of(ada.post(PATH, proof)) for proof in proofs]

    assert refused == ["passkey_refused", "wrong_code", "wrong_code"]
    assert not may_change(ada)


def test_codes_cannot_be_tried_without_end_and_the_session_stays(ada: Visitor, two_step: Held):
    tries = [ada.post(PATH, {"code": WRONG}).status_code for _ in range(6)]

    assert tries == [422] * 5 + [429]
    assert ada.is_signed_in()


@pytest.mark.parametrize("body", [{}, {"password": PASSWORD, "code": WRONG}, {"state": "x"}])
def test_one_proof_is_wanted(ada: Visitor, body: dict[str, str]):
    assert (code_of(ada.post(PATH, body))) == "invalid"


def test_who_has_no_factor_cannot_show_one(ada: Visitor, guest: Visitor):
    assert [code_of(person.post(PATH, {"code": WRONG})) for person in (ada, guest)] == ["wrong_code"] * 2
