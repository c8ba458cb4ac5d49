"""Passwords: changed, and got anew by a letter."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.utils import timezone

from abdre import jobs
from abdre.tests.authenticator import Authenticator
from abdre.tokens import read
from auth_svc.models import Session
from auth_svc.services import hold_email, open_session
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import FIREFOX, PASSWORD, Visitor, code_of, key_of, last_letter, texts_of
from user_svc.services import create_member

CHANGE = "/api/auth/password"
RESET = "/api/auth/password/reset"
CONFIRM = "/api/auth/password/reset/confirm"
ANOTHER = "quite another one, long"
ADDRESS = "ada@example.org"


@pytest.fixture
def long_ago(ada: Visitor) -> Visitor:
    """Ada signed in an hour ago."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(id=read(ada.token).session_id).update(authenticated_at=an_hour_ago)
    return ada


@pytest.fixture
def elsewhere(ada: Visitor, visitor) -> Visitor:
    """Another device of ada's."""
    phone = visitor()
    return phone.signed_in_by(phone.login("ada"))


@pytest.fixture
def key(ada: Visitor, somebody: Visitor) -> str:
    """What came in the letter after somebody asked for it."""
    somebody.post(RESET, {"email": "Ada@example.org"})
    return key_of(last_letter(ADDRESS))


def subjects() -> dict[str, list[str]]:
    jobs.do_all()
    found: dict[str, list[str]] = {}
    for letter in mail.outbox:
        found.setdefault(letter.to[0], []).append(str(letter.subject))
    return found


def ended(told: list[tuple[str, dict[str, str]]]) -> set[str]:
    return {event["session"] for _, event in told if event["type"] == "session.ended"}


def test_a_new_password_signs_out_every_other_device_and_is_told_by_letter(
    ada: Visitor, elsewhere: Visitor, somebody: Visitor, told
):
    theirs = str(read(elsewhere.token).session_id)

    answer = ada.post(CHANGE, {"password": ANOTHER}, User_Agent=FIREFOX)

    assert answer.status_code == 204
    assert ada.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert ended(told) == {theirs}
    assert somebody.login("ada").status_code == 401
    assert somebody.login("ada", ANOTHER).status_code == 200
    letter = last_letter(ADDRESS)
    assert letter.subject == "Your password was changed"
    assert "Firefox on Linux" in str(letter.body)


def test_long_after_signing_in_the_old_one_is_asked_for(long_ago: Visitor):
    without = long_ago.post(CHANGE, {"password": ANOTHER})
    wrong = long_ago.post(CHANGE, {"password": ANOTHER, "password_old": "not hers"})
    right = long_ago.post(CHANGE, {"password": ANOTHER, "password_old": PASSWORD})

    assert (without.status_code, code_of(without)) == (403, "reauthentication_required")
    assert (wrong.status_code, code_of(wrong)) == (422, "wrong_password")
    assert set(wrong.json()["error"]["fields"]) == {"password_old"}
    assert right.status_code == 204


def test_a_wrong_old_one_is_wrong_also_moments_after_signing_in(ada: Visitor):
    answer = ada.post(CHANGE, {"password": ANOTHER, "password_old": "not hers"})

    assert (answer.status_code, code_of(answer)) == (422, "wrong_password")
    assert subjects() == {}


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "ada@example.org"])
def test_a_weak_one_changes_nothing(ada: Visitor, elsewhere: Visitor, key: str, password: str):
    changed, confirmed = ada.post(CHANGE, {"password": password}), ada.post(CONFIRM, {"key": key, "password": password})

    for answer in (changed, confirmed):
        assert (answer.status_code, code_of(answer)) == (422, "weak_password")
        assert set(answer.json()["error"]["fields"]) == {"password"}
    assert elsewhere.is_signed_in()
    assert ada.login("ada").status_code == 200


def test_who_logs_in_elsewhere_sets_a_first_password(visitor):
    user = create_member(username="carol", password=None)
    carol = visitor()
    carol.token = open_session(user_id=user.id).access

    assert carol.get("/api/auth/security").json()["has_password"] is False
    assert carol.post(CHANGE, {"password": ANOTHER}).status_code == 204
    assert carol.login("carol", ANOTHER).status_code == 200


def test_a_guest_has_no_password_and_a_stranger_is_not_asked(guest: Visitor, somebody: Visitor):
    refused = guest.post(CHANGE, {"password": ANOTHER})

    assert (refused.status_code, code_of(refused)) == (403, "account_required")
    assert somebody.post(CHANGE, {"password": ANOTHER}).status_code == 401


def test_one_session_cannot_change_it_without_end_and_uses_nothing_up_for_another(ada: Visitor, elsewhere: Visitor):
    answers = [ada.post(CHANGE, {"password": "short"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert elsewhere.post(CHANGE, {"password": ANOTHER}).status_code == 204


def test_by_the_letter_a_new_password_is_set_once_and_every_device_is_signed_out(
    ada: Visitor, elsewhere: Visitor, somebody: Visitor, key: str, told
):
    theirs = {str(read(person.token).session_id) for person in (ada, elsewhere)}

    first = somebody.post(CONFIRM, {"key": key, "password": ANOTHER})
    second = somebody.post(CONFIRM, {"key": key, "password": "and one more, long"})

    assert (first.status_code, first.content) == (204, b"")
    assert not first.cookies
    assert (second.status_code, code_of(second)) == (410, "link_expired")
    assert not ada.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert ended(told) == theirs
    assert somebody.login("ada", ANOTHER).status_code == 200
    assert subjects()[ADDRESS] == ["Choose a new password", "Your password was changed"]


def test_the_letter_leads_to_the_origin_it_was_asked_for_at_and_names_the_account(ada: Visitor, key: str):
    plain_and_html = texts_of(last_letter(ADDRESS))

    for text in plain_and_html:
        assert f"http://testserver/reset/{key}" in text
        assert "your account ada." in text


def test_the_letter_says_what_else_opens_the_account(ada: Visitor, bob: Visitor, somebody: Visitor):
    add_passkey(ada, Authenticator("http://testserver"))
    add_passkey(ada, Authenticator("http://testserver"), "Key")
    SocialAccount.objects.create(user_id=ada.id, provider="oidc", uid="0" * 64, extra_data={})
    for email in (ADDRESS, "bob@example.org"):
        somebody.post(RESET, {"email": email})

    for text in texts_of(last_letter(ADDRESS)):
        assert "passkeys: 2, linked logins: 1" in text
        assert "http://testserver/security" in text
    for text in texts_of(last_letter("bob@example.org")):
        assert "passkeys" not in text


def test_a_link_is_dead_after_an_hour(ada: Visitor, somebody: Visitor, key: str, monkeypatch: pytest.MonkeyPatch):
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1, seconds=2)
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)

    answer = somebody.post(CONFIRM, {"key": key, "password": ANOTHER})

    assert (answer.status_code, code_of(answer)) == (410, "link_expired")


def test_a_link_dies_with_the_password_or_the_address_it_was_made_for(ada: Visitor, bob: Visitor, key: str):
    ada.post(CHANGE, {"password": ANOTHER})
    bob.post(RESET, {"email": "bob@example.org"})
    bobs = key_of(last_letter("bob@example.org"))
    hold_email(user_id=bob.id, email="other@example.org")

    for dead in (key, bobs):
        assert bob.post(CONFIRM, {"key": dead, "password": "and one more, long"}).status_code == 410


def test_a_key_of_one_person_opens_nobody_elses_account(ada: Visitor, bob: Visitor, somebody: Visitor, key: str):
    swapped = f"{bob.id.hex}-{key.partition('-')[2]}"

    for wrong in (swapped, "nonsense", f"{UUID(int=1).hex}-x-y", key[:-1]):
        answer = somebody.post(CONFIRM, {"key": wrong, "password": ANOTHER})
        assert (answer.status_code, code_of(answer)) == (410, "link_expired")
    assert bob.is_signed_in()


def test_known_and_unknown_addresses_are_answered_alike(ada: Visitor, visitor):
    known, unknown = (visitor().post(RESET, {"email": email}) for email in (ADDRESS, "nobody@example.org"))

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
    assert set(known.headers) == set(unknown.headers)
    assert subjects() == {
        ADDRESS: ["Choose a new password"],
        "nobody@example.org": ["There is no account with your e-mail address"],
    }


def test_an_address_that_was_only_given_opens_no_account(visitor):
    visitor().register("carol", email="carol@example.org")
    visitor().post(RESET, {"email": "carol@example.org"})

    assert subjects()["carol@example.org"] == [
        "Confirm your e-mail address",
        "There is no account with your e-mail address",
    ]


def test_nobody_is_flooded_with_letters(ada: Visitor, visitor):
    for email in (ADDRESS, "nobody@example.org"):
        for _ in range(7):
            assert visitor().post(RESET, {"email": email}).status_code == 204

    assert {to: len(sent) for to, sent in subjects().items()} == {ADDRESS: 5, "nobody@example.org": 1}


def test_one_network_cannot_ask_or_try_without_end(somebody: Visitor, visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.passwords.RESETS_PER_PREFIX", {"limit": 2, "window_s": 60})
    monkeypatch.setattr("auth_svc.services.passwords.CONFIRMATIONS_PER_PREFIX", {"limit": 2, "window_s": 60})

    asked = [somebody.post(RESET, {"email": ADDRESS}).status_code for _ in range(3)]
    tried = [somebody.post(CONFIRM, {"key": "x", "password": ANOTHER}).status_code for _ in range(3)]

    assert (asked, tried) == ([204, 204, 429], [410, 410, 429])
    assert visitor().post(RESET, {"email": ADDRESS}).status_code == 204


@pytest.mark.parametrize("login", ["ada", ADDRESS])
def test_wrong_passwords_before_the_reset_are_forgiven_there(ada: Visitor, somebody: Visitor, key: str, login: str):
    assert [somebody.login(login, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]

    somebody.post(CONFIRM, {"key": key, "password": ANOTHER})

    assert somebody.login(login, ANOTHER).status_code == 200
