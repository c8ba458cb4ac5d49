"""An authenticator app: turned on by its first code, turned off again; by nobody but its owner."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import signing

from abdre import jobs
from auth_svc.services import codes
from auth_svc.tests.factors.conftest import Held
from auth_svc.tests.factors.ways import WRONG, App, Clock, grow_old, has_shown_factor, turn_on_app
from auth_svc.tests.people import Visitor, code_of

OPTIONS, TOTP, SECURITY = "/api/auth/totp/options", "/api/auth/totp", "/api/auth/security"


def test_an_app_is_told_a_secret_by_a_picture_and_by_letters(ada: Visitor):
    begun = ada.post(OPTIONS)

    told = begun.json()
    assert begun["Cache-Control"] == "no-store"
    assert told["uri"] == f"otpauth://totp/ada%40example.org?secret={told['secret']}&issuer=ABDRE%20Chat"
    assert len(told["secret"]) == 32
    assert told["qr_svg"].startswith("<svg ")
    assert told["secret"] not in told["state"]
    assert not ada.get(SECURITY).json()["totp"]


def test_its_first_code_turns_it_on_and_brings_ten_recovery_codes(ada: Visitor, clock: Clock):
    _, paper = turn_on_app(ada, clock)

    security = ada.get(SECURITY).json()
    assert (security["totp"], security["recovery_codes_left"], security["second_factor_shown"]) == (True, 10, True)
    assert len(set(paper)) == 10
    assert all(len(code) == 8 and code.isdigit() for code in paper)


def test_a_wrong_code_turns_nothing_on_and_the_same_secret_can_be_seen_again(ada: Visitor, clock: Clock):
    begun = ada.post(OPTIONS).json()

    refused = ada.post(TOTP, {"state": begun["state"], "code": WRONG})
    again = ada.post(OPTIONS, {"state": begun["state"]}).json()

    assert (refused.status_code, code_of(refused)) == (422, "wrong_code")
    assert set(refused.json()["error"]["fields"]) == {"code"}
    assert again == begun
    assert not ada.get(SECURITY).json()["totp"]


@pytest.mark.parametrize("deed", [OPTIONS, TOTP])
def test_what_ada_began_is_nothing_to_eve(ada: Visitor, eve: Visitor, clock: Clock, deed: str):
    begun = ada.post(OPTIONS).json()
    code = {"code": App(begun["secret"], clock).code()} if deed == TOTP else {}

    refused = eve.post(deed, {"state": begun["state"], **code})

    assert (refused.status_code, code_of(refused)) == (410, "enrolment_expired")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("state", ["", "not one", signing.dumps(["x", "y"], salt="another")])
def test_a_forged_state_turns_nothing_on(ada: Visitor, state: str):
    refused = ada.post(TOTP, {"state": state, "code": WRONG})

    assert refused.status_code == (410 if state else 422)


def test_what_lay_too_long_is_begun_anew(ada: Visitor, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    begun = ada.post(OPTIONS).json()
    monkeypatch.setattr(codes, "ENROLMENT_S", -1)

    refused = ada.post(TOTP, {"state": begun["state"], "code": App(begun["secret"], clock).code()})

    assert (refused.status_code, code_of(refused)) == (410, "enrolment_expired")


def test_there_is_one_app_at_a_time(ada: Visitor, two_step: Held):
    refused = ada.post(OPTIONS)

    assert (refused.status_code, code_of(refused)) == (409, "totp_is_on")


def test_two_tabs_that_turn_one_on_leave_one(ada: Visitor, clock: Clock):
    first, second = ada.post(OPTIONS).json(), ada.post(OPTIONS).json()
    answers = [
        ada.post(TOTP, {"state": begun["state"], "code": App(begun["secret"], clock).code()})
        for begun in (first, second)
    ]

    assert [answer.status_code for answer in answers] == [201, 409]


def test_with_the_last_factor_the_second_step_and_its_codes_go(ada: Visitor, two_step: Held, somebody: Visitor):
    assert ada.delete(TOTP).status_code == 204

    security = ada.get(SECURITY).json()
    assert (security["totp"], security["recovery_codes_left"], security["second_factor_shown"]) == (False, None, False)
    assert somebody.login("ada").status_code == 200
    assert code_of(ada.delete(TOTP)) == "totp_not_found"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", OPTIONS), ("POST", TOTP), ("DELETE", TOTP), ("POST", "/api/auth/recovery-codes")]
)
def test_who_signed_in_long_ago_shows_first_who_they_are(ada: Visitor, two_step: Held, method: str, path: str):
    grow_old(ada)

    refused = ada.ask(method, path, {"state": "x", "code": "y"} if path == TOTP and method == "POST" else None)

    assert (refused.status_code, code_of(refused)) == (403, "reauthentication_required")
    assert ada.get(SECURITY).json()["totp"]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", OPTIONS), ("DELETE", TOTP), ("POST", "/api/auth/recovery-codes")]
)
def test_a_guest_is_told_kindly_that_an_account_comes_first(guest: Visitor, method: str, path: str):
    refused = guest.ask(method, path)

    assert (refused.status_code, code_of(refused)) == (403, "account_required")
    assert guest.get(SECURITY).json()["recovery_codes_left"] is None


def test_nobody_turns_anything_on(somebody: Visitor):
    assert [somebody.post(path).status_code for path in (OPTIONS, TOTP, "/api/auth/recovery-codes")] == [401] * 3


def test_another_session_of_the_same_person_has_not_shown_it(ada: Visitor, visitor, clock: Clock):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))

    turn_on_app(ada, clock)

    assert (has_shown_factor(ada), has_shown_factor(phone)) == (True, False)


def test_the_owner_is_told_of_each_change(ada: Visitor, clock: Clock, letters):
    turn_on_app(ada, clock)
    ada.post("/api/auth/recovery-codes")
    ada.delete(TOTP)
    jobs.do_all()

    assert [letter.subject for letter in letters] == [
        "An authenticator app was added to your account",
        "New recovery codes were made for your account",
        "The authenticator app was removed from your account",
    ]
    assert all(letter.to == ["ada@example.org"] for letter in letters)


def test_the_row_tells_no_secret(ada: Visitor, two_step: Held):
    stored = "".join(str(row.data) for row in Authenticator.objects.all())

    assert two_step.app.secret not in stored
    assert not any(code in stored for code in two_step.paper)
