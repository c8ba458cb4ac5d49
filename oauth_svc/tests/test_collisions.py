"""The provider vouches for an address that an account here has: its owner is asked to sign in, and then to link."""

from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.test import Client

from auth_svc.services import forget_emails, hold_email, register
from oauth_svc.tests.conftest import PASSWORD
from oauth_svc.tests.provider import Browser, Provider
from user_svc.selectors import UserJson, user_by_id, user_json
from user_svc.services import create_member, set_email

COOKIE = "abdre_pending_link"
CONFIRM = "/login?next=%2Fsecurity%2Flinked%2Fconfirm%3Fnext%3D%252Fchats&problem=email_in_use"


@pytest.fixture
def met(provider: Provider, at_each: Browser, ada: UserJson) -> Browser:
    """Somebody came by an account over there that has ada's address."""
    subject = provider.knows("met", email="Ada@Example.org", email_verified=True)
    at_each.come_in(subject)
    return at_each


def pending(browser: Browser) -> str:
    return browser.client.cookies[COOKIE].value


def code(answer) -> str:
    return str(answer.json()["error"]["code"])


def test_nothing_is_taken_over_and_the_question_waits_in_a_cookie(provider: Provider, at_each: Browser, ada: UserJson):
    subject = provider.knows("c1", email="Ada@Example.org", email_verified=True)

    response = at_each.come_in(subject)

    assert response["Location"] == CONFIRM
    assert at_each.is_nobody()
    assert not SocialAccount.objects.exists()
    cookie = response.cookies[COOKIE]
    assert (cookie["path"], cookie["max-age"]) == ("/security/linked/confirm", 600)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_who_has_signed_in_as_its_owner_is_asked_and_may_link(met: Browser, ada: UserJson):
    met.sit_down(UUID(ada["id"]))

    shown = met.ask("POST", "/api/oauth/pending", {"pending": pending(met)})
    linked = met.ask("POST", "/api/oauth/accounts", {"pending": pending(met)})

    names = {"google": "Google", "example": "Example"}
    assert shown.json() == {"provider": met.at, "provider_name": names[met.at], "name": "ada@example.org"}
    assert linked.status_code == 201
    assert met.linked == [linked.json()]
    phone = Browser(at=met.at)
    phone.come_in("met")
    assert str(phone.person.id) == ada["id"]


def test_an_address_that_somebody_only_gave_stands_in_nobodys_way(provider: Provider, at_each: Browser):
    claimer = register(
        username="claimer", password=PASSWORD, email="real@example.org", address="10.0.0.0/24", origin="http://x"
    )

    at_each.come_in(provider.knows("c9", email="real@example.org", email_verified=True))

    assert at_each.person.id != claimer.id
    assert user_by_id(at_each.person.id).email == "real@example.org"


@pytest.fixture
def from_before(db: None) -> UserJson:
    """Somebody who gave ada's other address when nobody was asked to confirm one."""
    return user_json(create_member(username="before", password=PASSWORD, email="real@example.org"))


def test_nor_does_one_from_before_addresses_were_confirmed(provider: Provider, at_each: Browser, from_before: UserJson):
    at_each.come_in(provider.knows("c10", email="real@example.org", email_verified=True))

    assert str(at_each.person.id) != from_before["id"]
    assert user_by_id(at_each.person.id).email == "real@example.org"


def test_who_only_gave_an_address_is_not_asked_to_link_what_its_owner_left_behind(
    provider: Provider, at_each: Browser, ada: UserJson, from_before: UserJson
):
    hold_email(user_id=UUID(ada["id"]), email="other@example.org")
    at_each.come_in(provider.knows("c11", email="other@example.org", email_verified=True))
    forget_emails(user_id=UUID(ada["id"]))
    set_email(user_id=UUID(from_before["id"]), email="other@example.org")
    at_each.sit_down(UUID(from_before["id"]))

    answer = at_each.ask("POST", "/api/oauth/accounts", {"pending": pending(at_each)})

    assert (answer.status_code, code(answer)) == (410, "flow_expired")


def test_asking_links_nothing(met: Browser, ada: UserJson):
    met.sit_down(UUID(ada["id"]))

    met.ask("POST", "/api/oauth/pending", {"pending": pending(met)})

    assert met.linked == []


def test_whoever_else_signs_in_at_that_browser_is_not_asked(met: Browser):
    bob = register(username="bob", password=PASSWORD, address="10.0.0.0/24", origin="")
    hold_email(user_id=bob.id, email="bob@example.org")
    met.sit_down(bob.id)

    for path in ("/api/oauth/pending", "/api/oauth/accounts"):
        answer = met.ask("POST", path, {"pending": pending(met)})
        assert (answer.status_code, code(answer)) == (410, "flow_expired")
    assert not SocialAccount.objects.exists()


def test_nobody_is_asked_without_signing_in(met: Browser):
    for path in ("/api/oauth/pending", "/api/oauth/accounts"):
        assert Client().post(path, {"pending": pending(met)}, "application/json").status_code == 401


def test_what_waits_too_long_or_was_never_sealed_is_gone(met: Browser, ada: UserJson, monkeypatch: pytest.MonkeyPatch):
    met.sit_down(UUID(ada["id"]))
    forged = signing.dumps({"provider": "google", "issuer": "x", "subject": "x", "email": "ada@example.org"})

    answers = [met.ask("POST", "/api/oauth/accounts", {"pending": text}) for text in (forged, "nonsense")]
    monkeypatch.setattr("oauth_svc.services.claims.PENDING_S", -1)
    answers.append(met.ask("POST", "/api/oauth/accounts", {"pending": pending(met)}))

    assert [(answer.status_code, code(answer)) for answer in answers] == [(410, "flow_expired")] * 3
    assert met.linked == []


def test_a_newcomers_address_is_kept_as_verified_since_the_provider_vouches_for_it(
    provider: Provider, at_each: Browser
):
    at_each.come_in(provider.knows("c2", email="New@Example.org", email_verified=True))

    person = at_each.person.id
    [address] = EmailAddress.objects.filter(user_id=person)
    assert (address.email, address.verified, address.primary) == ("new@example.org", True, True)
    assert user_by_id(person).email == "new@example.org"


def test_an_address_without_the_providers_word_is_not_kept(provider: Provider, at_each: Browser):
    at_each.come_in(provider.knows("c3", email="new@example.org", email_verified=False))

    assert not EmailAddress.objects.exists()
