"""Addresses: given by anybody, held by who confirmed them first."""

import importlib
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core import mail, signing
from django.utils import timezone

from abdre import jobs
from abdre.tests.authenticator import Authenticator
from abdre.tokens import read
from auth_svc.models import Session
from auth_svc.selectors.emails import holder_of
from auth_svc.services.emails import KEY_SALT, LETTERS_PER_ADDRESS, forget_emails, hold_email
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import PASSWORD, Visitor, code_of, key_of, last_letter, texts_of
from user_svc.errors import EmailTaken
from user_svc.selectors import user_by_id
from user_svc.services import set_email

EMAIL = "/api/auth/email"
VERIFY = "/api/auth/email/verify"
NEW = "new@example.org"


@pytest.fixture
def carol(visitor) -> Visitor:
    """She registered with an address and has not confirmed it."""
    somebody = visitor()
    return somebody.signed_in_by(somebody.register("carol", email="Carol@Example.org"))


def verify(person: Visitor, to: str):
    return person.post(VERIFY, {"key": key_of(last_letter(to))})


def state(person: Visitor) -> dict[str, object]:
    return person.get(EMAIL).json()


def sent_to(address: str) -> list[str]:
    jobs.do_all()
    return [str(letter.subject) for letter in mail.outbox if letter.to == [address]]


def test_an_address_is_the_accounts_when_the_letters_key_comes_back(carol: Visitor, somebody: Visitor):
    before = state(carol), user_by_id(carol.id).email

    answer = verify(somebody, "carol@example.org")

    assert before == ({"email": "carol@example.org", "verified": False, "pending": None}, None)
    assert (answer.status_code, answer.json()) == (200, {"email": "carol@example.org"})
    assert state(carol) == {"email": "carol@example.org", "verified": True, "pending": None}
    assert user_by_id(carol.id).email == "carol@example.org"
    assert holder_of("Carol@example.org") == carol.id


def test_the_letter_leads_to_the_origin_it_was_asked_for_at_and_names_the_account(carol: Visitor):
    plain_and_html = texts_of(last_letter("carol@example.org"))

    for text in plain_and_html:
        assert "http://testserver/verify/" in text
        assert "carol at http://testserver" in text


def test_a_letter_to_an_address_that_nobody_confirmed_carries_no_words_of_whoever_gave_it(somebody: Visitor):
    somebody.register("eve", email=NEW, display_name="You won! https://evil.example/x")

    for text in texts_of(last_letter(NEW)):
        assert "evil.example" not in text
        assert "the account eve at" in text


def test_before_it_is_used_a_key_shows_which_account_it_is_for_and_what_else_opens_it(
    carol: Visitor, somebody: Visitor
):
    add_passkey(carol, Authenticator("http://testserver"))
    SocialAccount.objects.create(user_id=carol.id, provider="oidc", uid="0" * 64, extra_data={})
    key = key_of(last_letter("carol@example.org"))

    shown = [somebody.post(f"{VERIFY}/preview", {"key": key}).json() for _ in range(2)]
    somebody.post(VERIFY, {"key": key})
    after = somebody.post(f"{VERIFY}/preview", {"key": key}).json()

    named = {"email": "carol@example.org", "username": "carol", "passkeys": 1, "linked_accounts": 1}
    assert shown == [{**named, "verified": False}] * 2
    assert after == {**named, "verified": True}
    forged = somebody.post(f"{VERIFY}/preview", {"key": "MQ:1vNoqS:forged"})
    assert (forged.status_code, code_of(forged)) == (410, "link_expired")


def test_a_key_that_is_pressed_again_changes_nothing(carol: Visitor, somebody: Visitor):
    key = key_of(last_letter("carol@example.org"))

    answers = [somebody.post(VERIFY, {"key": key}) for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"email": "carol@example.org"})] * 2
    assert sent_to("carol@example.org") == ["Confirm your e-mail address"]


def test_the_key_of_an_address_that_was_replaced_since_works_no_longer(carol: Visitor, somebody: Visitor):
    key = key_of(last_letter("carol@example.org"))
    somebody.post(VERIFY, {"key": key})
    carol.post(EMAIL, {"email": NEW})
    verify(somebody, NEW)

    answers = [somebody.post(path, {"key": key}) for path in (VERIFY, f"{VERIFY}/preview")]

    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(410, "link_expired")] * 2
    assert state(carol)["email"] == NEW


def test_a_key_dies_after_three_days(carol: Visitor, somebody: Visitor, monkeypatch: pytest.MonkeyPatch):
    key = key_of(last_letter("carol@example.org"))
    monkeypatch.setattr("auth_svc.services.emails.KEY_LIFETIME", timedelta(0))

    answer = somebody.post(VERIFY, {"key": key})

    assert (answer.status_code, code_of(answer)) == (410, "link_expired")


@pytest.mark.parametrize("key", ["", "nonsense", "MQ:1vNoqS:forged", "a\0b", "x" * 300, 7, None])
def test_what_is_no_key_confirms_nothing(carol: Visitor, somebody: Visitor, key: object):
    answer = somebody.post(VERIFY, {"key": key})

    assert answer.status_code == (410 if key in ("nonsense", "MQ:1vNoqS:forged") else 422)
    assert not state(carol)["verified"]


def test_a_key_of_another_purpose_confirms_nothing(carol: Visitor, somebody: Visitor):
    pending = EmailAddress.objects.get(user_id=carol.id)

    answers = [somebody.post(VERIFY, {"key": signing.dumps(pending.pk, salt=salt)}) for salt in ("other", KEY_SALT)]

    assert [answer.status_code for answer in answers] == [410, 200]


def test_of_two_with_one_address_the_first_to_confirm_has_it(carol: Visitor, visitor):
    dora = visitor()
    dora.signed_in_by(dora.register("dora", email="carol@example.org"))
    jobs.do_all()
    carols, doras = (key_of(letter) for letter in mail.outbox)

    first, second = dora.post(VERIFY, {"key": doras}), carol.post(VERIFY, {"key": carols})

    assert first.status_code == 200
    assert (second.status_code, code_of(second)) == (409, "email_taken")
    assert state(dora)["verified"]
    assert not state(carol)["verified"]


def test_a_new_address_holds_when_it_is_confirmed_and_the_old_one_hears_of_it(ada: Visitor, somebody: Visitor):
    asked = ada.post(EMAIL, {"email": "New@Example.org"})
    between = sent_to("ada@example.org")
    verify(somebody, NEW)

    assert (asked.status_code, asked.json()) == (200, {"email": "ada@example.org", "verified": True, "pending": NEW})
    assert between == []
    assert state(ada) == {"email": NEW, "verified": True, "pending": None}
    assert user_by_id(ada.id).email == NEW
    assert sent_to("ada@example.org") == ["The e-mail address of your account was changed"]
    assert holder_of("ada@example.org") is None


def test_asking_for_an_address_that_somebody_has_is_answered_alike(ada: Visitor, bob: Visitor, eve: Visitor):
    taken, free = eve.post(EMAIL, {"email": "ada@example.org"}), bob.post(EMAIL, {"email": NEW})

    assert taken.status_code == free.status_code == 200
    assert taken.json()["pending"] == "ada@example.org"
    assert set(taken.headers) == set(free.headers)
    assert sent_to("ada@example.org") == ["Somebody gave your e-mail address for another account"]
    assert sent_to(NEW) == ["Confirm your e-mail address"]
    assert state(ada)["email"] == "ada@example.org"


def test_another_wish_replaces_the_one_before_it_and_its_letter_is_dead(ada: Visitor):
    ada.post(EMAIL, {"email": "typo@example.org"})
    key = key_of(last_letter("typo@example.org"))
    ada.post(EMAIL, {"email": NEW})

    assert ada.post(VERIFY, {"key": key}).status_code == 410
    assert state(ada)["pending"] == NEW


def test_asking_for_the_address_one_has_gives_up_the_other(ada: Visitor):
    ada.post(EMAIL, {"email": NEW})

    answer = ada.post(EMAIL, {"email": "ADA@example.org"})

    assert answer.json() == {"email": "ada@example.org", "verified": True, "pending": None}
    assert sent_to("ada@example.org") == sent_to(NEW) == []


def test_a_wish_can_be_given_up(ada: Visitor, bob: Visitor):
    ada.post(EMAIL, {"email": NEW})
    key = key_of(last_letter(NEW))
    bob.delete(EMAIL)
    assert state(ada)["pending"] == NEW

    assert ada.delete(EMAIL).status_code == 204

    assert state(ada) == {"email": "ada@example.org", "verified": True, "pending": None}
    assert ada.post(VERIFY, {"key": key}).status_code == 410


def test_changing_it_asks_for_who_one_is(ada: Visitor):
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(id=read(ada.token).session_id).update(authenticated_at=an_hour_ago)

    refused = ada.post(EMAIL, {"email": NEW})
    ada.post("/api/auth/reauthenticate", {"password": PASSWORD})

    assert (refused.status_code, code_of(refused)) == (403, "reauthentication_required")
    assert ada.post(EMAIL, {"email": NEW}).status_code == 200


def test_a_guest_has_no_address_and_a_stranger_is_not_asked(guest: Visitor, somebody: Visitor):
    refused = guest.post(EMAIL, {"email": NEW})

    assert (refused.status_code, code_of(refused)) == (403, "account_required")
    assert state(guest) == {"email": None, "verified": False, "pending": None}
    for ask in (somebody.get, somebody.post, somebody.delete):
        assert ask(EMAIL).status_code == 401
    assert somebody.post(f"{EMAIL}/resend").status_code == 401
    assert sent_to(NEW) == []


@pytest.mark.parametrize("email", ["", "no address", "a@b", None, 7, f"{'x' * 250}@example.org"])
def test_what_is_no_address_is_refused_by_its_field(ada: Visitor, email: object):
    answer = ada.post(EMAIL, {"email": email})

    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"email"}


def test_the_letter_comes_again_when_asked_for_and_nothing_comes_where_nothing_waits(carol: Visitor, ada: Visitor):
    answers = [person.post(f"{EMAIL}/resend").status_code for person in (carol, ada)]

    assert answers == [204, 204]
    assert len(sent_to("carol@example.org")) == 2
    assert sent_to("ada@example.org") == []


def test_one_person_cannot_ask_without_end(ada: Visitor, bob: Visitor):
    answers = [ada.post(f"{EMAIL}/resend").status_code for _ in range(11)]

    assert answers == [204] * 10 + [429]
    assert ada.post(EMAIL, {"email": NEW}).status_code == 429
    assert bob.post(EMAIL, {"email": NEW}).status_code == 200


def test_whoever_gives_an_address_from_their_network_cannot_use_up_its_owners_letters(visitor):
    eve = visitor()
    for number in range(6):
        other = visitor()
        other.address = eve.address
        other.signed_in_by(other.register(f"eve{number}", email=NEW))
        other.post(f"{EMAIL}/resend")
        jobs.do_all()
    assert len(sent_to(NEW)) == 3

    owner = visitor()
    owner.register("owner", email=NEW)

    assert "the account owner at" in str(last_letter(NEW).body)
    assert len(sent_to(NEW)) == 4


def test_an_address_is_not_flooded_from_however_many_networks(visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(LETTERS_PER_ADDRESS, "limit", 5)
    for number in range(7):
        assert visitor().register(f"somebody{number}", email=NEW).status_code == 201

    assert len(sent_to(NEW)) == 5


def test_keys_cannot_be_tried_without_end(somebody: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.emails.VERIFICATIONS_PER_PREFIX", {"limit": 2, "window_s": 60})

    assert [somebody.post(VERIFY, {"key": "x"}).status_code for _ in range(3)] == [410, 410, 429]


def test_one_logs_in_by_an_address_from_when_it_is_confirmed(carol: Visitor, somebody: Visitor, visitor):
    before = visitor().login("carol@example.org")
    verify(somebody, "carol@example.org")

    assert (before.status_code, code_of(before)) == (401, "wrong_credentials")
    assert visitor().login("CAROL@example.org").json()["user"]["id"] == str(carol.id)


def test_whose_an_address_is_cannot_be_learnt_by_giving_it_oneself(ada: Visitor, visitor):
    theirs = "a password of the newcomer's"
    addresses = ["ada@example.org", "nobody@example.org"]
    for number, email in enumerate(addresses):
        assert visitor().register(f"newcomer{number}", email=email, password=theirs).status_code == 201

    told = [visitor().login(email, theirs) for email in addresses]

    assert [(answer.status_code, code_of(answer)) for answer in told] == [(401, "wrong_credentials")] * 2


def test_an_address_on_somebodys_word_is_held_by_one_only(ada: Visitor, bob: Visitor):
    hold_email(user_id=ada.id, email="ADA@example.org")

    with pytest.raises(EmailTaken):
        hold_email(user_id=bob.id, email="ada@example.org")

    assert state(bob)["email"] == "bob@example.org"
    assert state(ada)["email"] == "ada@example.org"


def test_what_somebody_has_no_more_is_free_for_others(ada: Visitor, bob: Visitor):
    forget_emails(user_id=ada.id)
    hold_email(user_id=bob.id, email="ada@example.org")

    assert state(ada) == {"email": None, "verified": False, "pending": None}
    assert user_by_id(ada.id).email is None
    assert state(bob)["email"] == "ada@example.org"


@pytest.fixture
def from_before(bob: Visitor) -> Visitor:
    """Bob gave ada's new address when nobody was asked to confirm one."""
    EmailAddress.objects.filter(user_id=bob.id).delete()
    set_email(user_id=bob.id, email=NEW)
    importlib.import_module("auth_svc.migrations.0005_email_addresses").make_pending(apps, None)
    return bob


def test_an_address_from_before_is_pending_and_one_still_logs_in_by_it(from_before: Visitor, ada: Visitor, visitor):
    assert state(from_before) == {"email": NEW, "verified": False, "pending": None}
    assert state(ada)["verified"]
    assert visitor().login(NEW).json()["user"]["id"] == str(from_before.id)


def test_an_address_from_before_gets_no_letters_about_the_account(from_before: Visitor):
    tell_of_change(user_id=from_before.id, change=Change.PASSWORD)

    assert sent_to(NEW) == []


def test_who_confirms_an_address_takes_it_from_who_gave_it_before(from_before: Visitor, ada: Visitor, visitor):
    ada.post(EMAIL, {"email": NEW})

    assert verify(ada, NEW).status_code == 200

    assert visitor().login(NEW).json()["user"]["id"] == str(ada.id)
    assert user_by_id(from_before.id).email is None
    assert not state(from_before)["verified"]
