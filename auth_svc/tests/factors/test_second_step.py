"""Between the password and the session: a code or a passkey, of the same person, once."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from abdre import jobs
from abdre.tests.authenticator import Authenticator
from auth_svc.services import entry
from auth_svc.tests.factors.conftest import Held
from auth_svc.tests.factors.ways import (
    SECOND,
    WRONG,
    Clock,
    add_passkey,
    answer_of,
    challenge_for,
    has_shown_factor,
    pass_by,
    turn_on_app,
)
from auth_svc.tests.people import PASSWORD, Browser, Visitor, code_of
from chat_svc.selectors import members
from chat_svc.services import create_chat


@pytest.fixture
def phone(visitor) -> Visitor:
    """Another device, on which nobody is signed in."""
    phone: Visitor = visitor()
    return phone


def test_the_right_password_is_answered_by_a_challenge_and_no_token(ada: Visitor, two_step: Held, phone: Visitor):
    refused = phone.login("ada")

    assert (refused.status_code, code_of(refused)) == (401, "second_factor_required")
    answer = refused.json()
    assert answer["factors"] == ["totp", "recovery_code"]
    assert answer["expires_in"] == 300
    assert set(answer) == {"error", "challenge", "factors", "expires_in"}
    assert not refused.cookies


def test_a_wrong_password_is_answered_as_ever(ada: Visitor, two_step: Held, phone: Visitor):
    assert code_of(phone.login("ada", "wrong")) == "wrong_credentials"


def test_the_apps_code_signs_in(ada: Visitor, two_step: Held, phone: Visitor):
    answer = pass_by(phone, challenge_for(phone), two_step.app.code())

    assert answer.status_code == 200
    assert phone.signed_in_by(answer).id == ada.id
    assert has_shown_factor(phone)


@pytest.mark.parametrize("written", ["{0} {1}", "{0}-{1}", "  {0}{1} "])
def test_a_code_may_be_written_as_one_reads_it(ada: Visitor, two_step: Held, phone: Visitor, written: str):
    code = two_step.app.code()

    assert pass_by(phone, challenge_for(phone), written.format(code[:3], code[3:])).status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (0, 200), (1, 200), (2, 422)])
def test_a_clock_may_be_half_a_minute_off(ada: Visitor, two_step: Held, phone: Visitor, steps: int, status: int):
    two_step.app.clock.forward(5)

    assert pass_by(phone, challenge_for(phone), two_step.app.code(steps)).status_code == status


def test_a_code_is_good_once_and_older_ones_no_more(ada: Visitor, two_step: Held, visitor):
    two_step.app.clock.forward(5)
    code, older = two_step.app.code(), two_step.app.code(-1)
    first, thief = visitor(), visitor()
    challenge = challenge_for(thief)
    assert pass_by(first, challenge_for(first), code).status_code == 200

    refused = [pass_by(thief, challenge, seen) for seen in (code, older)]

    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(422, "wrong_code")] * 2


def test_the_code_that_turned_the_app_on_signs_nobody_in(ada: Visitor, clock: Clock, phone: Visitor):
    app, _ = turn_on_app(ada, clock)

    assert pass_by(phone, challenge_for(phone), app.code()).status_code == 422


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(ada: Visitor, two_step: Held, visitor, letters):
    first, second = visitor(), visitor()
    code = two_step.paper[3]

    assert pass_by(first, challenge_for(first), f"{code[:4]} {code[4:]}").status_code == 200
    again = pass_by(second, challenge_for(second), code)
    jobs.do_all()

    assert (again.status_code, code_of(again)) == (422, "wrong_code")
    assert ada.get("/api/auth/security").json()["recovery_codes_left"] == 9
    assert [letter.subject for letter in letters] == ["A recovery code of your account was used"]


def test_new_recovery_codes_end_the_former_ones(ada: Visitor, two_step: Held, visitor):
    fresh = ada.post("/api/auth/recovery-codes").json()["recovery_codes"]
    first, second = visitor(), visitor()

    assert not set(fresh) & set(two_step.paper)
    assert pass_by(first, challenge_for(first), two_step.paper[0]).status_code == 422
    assert pass_by(second, challenge_for(second), fresh[0]).status_code == 200


def test_who_has_no_second_factor_gets_no_recovery_codes(ada: Visitor):
    assert code_of(ada.post("/api/auth/recovery-codes")) == "no_second_factor"


def test_anothers_code_is_wrong(ada: Visitor, two_step: Held, eve: Visitor, clock: Clock, phone: Visitor):
    app, paper = turn_on_app(eve, clock)
    challenge = challenge_for(phone)

    answers = [pass_by(phone, challenge, code) for code in (app.code(1), paper[0])]

    assert [code_of(answer) for answer in answers] == ["wrong_code"] * 2


def test_eve_with_adas_challenge_needs_adas_factor(
    ada: Visitor, two_step: Held, eve: Visitor, clock: Clock, phone: Visitor
):
    passkey = Authenticator("http://testserver")
    add_passkey(eve, passkey)
    challenge = challenge_for(phone)

    refused = eve.post(SECOND, {"challenge": challenge, **answer_of(eve, passkey)})

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")


@pytest.mark.parametrize("forged", ["", "x", "WyJhIl0:1abc:def"])
def test_a_forged_challenge_is_none(ada: Visitor, two_step: Held, phone: Visitor, forged: str):
    refused = pass_by(phone, forged, two_step.app.code())

    assert refused.status_code == (401 if forged else 422)


def test_a_challenge_ends_after_five_minutes(
    ada: Visitor, two_step: Held, phone: Visitor, monkeypatch: pytest.MonkeyPatch
):
    challenge = challenge_for(phone)
    monkeypatch.setattr(entry, "CHALLENGE_S", -1)

    refused = pass_by(phone, challenge, two_step.app.code())

    assert (refused.status_code, code_of(refused)) == (401, "challenge_expired")


def test_a_challenge_ends_with_the_password_it_was_given_for(ada: Visitor, two_step: Held, phone: Visitor):
    challenge = challenge_for(phone)
    user = get_user_model().objects.get(id=ada.id)
    user.set_password("another, since somebody knew it")
    user.save()

    refused = pass_by(phone, challenge, two_step.app.code())

    assert (refused.status_code, code_of(refused)) == (401, "challenge_expired")


def test_who_is_banned_between_the_steps_stays_out(ada: Visitor, two_step: Held, phone: Visitor):
    challenge = challenge_for(phone)
    get_user_model().objects.filter(id=ada.id).update(banned_at=timezone.now())

    assert code_of(pass_by(phone, challenge, two_step.app.code())) == "account_closed"


def test_who_guesses_codes_is_slowed_down_and_the_owner_elsewhere_is_not(ada: Visitor, two_step: Held, visitor):
    guesser, home = visitor(), visitor()
    challenge = challenge_for(guesser)

    tries = [pass_by(guesser, challenge, WRONG).status_code for _ in range(6)]
    right = pass_by(guesser, challenge, two_step.app.code())

    assert tries == [422] * 5 + [429]
    assert right.status_code == 429
    assert ada.is_signed_in()
    assert pass_by(home, challenge_for(home), two_step.app.code()).status_code == 200


def test_many_networks_together_cannot_guess_for_long(ada: Visitor, two_step: Held, visitor):
    guesser = visitor()
    challenge = challenge_for(guesser)

    answers = []
    for number in range(61):
        guesser.address = f"10.77.{number}.7"
        answers.append(pass_by(guesser, challenge, WRONG).status_code)

    assert answers == [422] * 60 + [429]
    assert ada.is_signed_in()


def test_the_owner_at_home_comes_in_while_many_networks_guess(ada: Visitor, two_step: Held, visitor):
    guesser, home = visitor(), visitor()
    home.address = ada.address
    challenge = challenge_for(guesser)
    for number in range(61):
        guesser.address = f"10.77.{number}.7"
        pass_by(guesser, challenge, WRONG)

    assert pass_by(home, challenge_for(home), two_step.app.code()).status_code == 200


def test_a_right_code_forgets_the_wrong_ones(ada: Visitor, two_step: Held, phone: Visitor):
    for number in range(2):
        challenge = challenge_for(phone)
        for _ in range(4):
            pass_by(phone, challenge, WRONG)
        assert pass_by(phone, challenge, two_step.app.code(number)).status_code == 200
        phone.token = ""


def test_a_guest_brings_chats_along_at_the_second_step_and_not_before(ada: Visitor, two_step: Held, guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    challenge = challenge_for(guest)
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=guest.id)] == [str(guest.id)]

    answer = pass_by(guest, challenge, two_step.app.code())

    assert answer.json()["user"]["id"] == str(ada.id)
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=ada.id)] == [str(ada.id)]


def test_a_guest_with_a_wrong_code_keeps_everything(ada: Visitor, two_step: Held, guest: Visitor):
    assert pass_by(guest, challenge_for(guest), WRONG).status_code == 422

    assert guest.is_signed_in()


@pytest.mark.parametrize("remember", [True, False])
def test_a_browser_gets_cookies_as_it_wished_at_the_first_step(ada: Visitor, two_step: Held, browser, remember: bool):
    tab: Browser = browser()
    refused = tab.post("/api/auth/login", {"login": "ada", "password": PASSWORD, "remember": remember})

    answer = pass_by(tab, refused.json()["challenge"], two_step.app.code())

    assert set(answer.json()) == {"user"}
    assert bool(answer.cookies["abdre_refresh"]["max-age"]) is remember


def test_a_passkey_passes_the_second_step(ada: Visitor, passkey: Authenticator, phone: Visitor):
    refused = phone.login("ada")
    assert refused.json()["factors"] == ["recovery_code", "passkey"]

    answer = phone.post(SECOND, {"challenge": refused.json()["challenge"], **answer_of(phone, passkey)})

    assert answer.status_code == 200
    assert has_shown_factor(phone.signed_in_by(answer))


@pytest.mark.parametrize("proof", [{}, {"code": "1", "state": "x", "credential": {}}, {"state": "x"}])
def test_one_proof_is_wanted(ada: Visitor, two_step: Held, phone: Visitor, proof: dict[str, object]):
    refused = phone.post(SECOND, {"challenge": challenge_for(phone), **proof})

    assert (refused.status_code, code_of(refused)) == (422, "invalid")


def test_a_deactivated_account_comes_back_at_the_second_step_and_not_before(
    ada: Visitor, two_step: Held, phone: Visitor
):
    ada.post("/api/auth/account/deactivate")
    challenge = challenge_for(phone)
    assert get_user_model().objects.get(id=ada.id).deactivated_at

    answer = pass_by(phone, challenge, two_step.app.code())

    assert answer.json()["came_back"]
    assert get_user_model().objects.get(id=ada.id).deactivated_at is None
