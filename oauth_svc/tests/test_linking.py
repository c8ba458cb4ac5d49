"""Linking an account over there to the person here, and unlinking: never somebody else's, never the last way in."""

import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from abdre import jobs
from abdre.tokens import ACCESS_COOKIE
from auth_svc.services import note_authentication
from oauth_svc.selectors import can_log_in_elsewhere
from oauth_svc.tests.conftest import app
from oauth_svc.tests.provider import Browser, Provider, asked_of
from user_svc.selectors import UserJson

HOUR = timedelta(hours=1)


@pytest.fixture
def at_home(at_each: Browser, ada: UserJson) -> Browser:
    """Ada has just signed in by her password."""
    at_each.sit_down(UUID(ada["id"]))
    return at_each


@pytest.fixture
def home(browser: Browser, ada: UserJson) -> Browser:
    browser.sit_down(UUID(ada["id"]))
    return browser


def refused(response, status: int, code: str) -> bool:
    return (response.status_code, response.json()["error"]["code"]) == (status, code)


def problem(response) -> str:
    return f"{response['Location'].partition('?')[0]} {asked_of(response).get('problem', '')}"


def test_a_linked_account_is_listed_opens_the_door_and_its_owner_is_told(provider: Provider, at_home: Browser):
    person = at_home.person
    jobs.do_all()
    mail.outbox.clear()

    response = at_home.link(provider.knows("l1", email="ada@work.example", email_verified=True))

    assert (response.status_code, response["Location"]) == (302, "/security/linked?done=linked")
    assert at_home.person == person
    [linked] = at_home.linked
    assert UUID(linked.pop("id"))
    assert linked.pop("linked_at").endswith("Z")
    name = {"google": "Google", "example": "Example"}[at_home.at]
    assert linked == {"provider": at_home.at, "provider_name": name, "name": "ada@work.example"}
    phone = Browser(at=at_home.at)
    phone.come_in("l1")
    assert phone.person.id == person.id
    jobs.do_all()
    [letter] = mail.outbox
    assert letter.subject == "A login elsewhere was linked to your account"


def test_what_is_linked_already_stays_linked_once(provider: Provider, home: Browser):
    home.link(provider.knows("l2"))

    response = home.link("l2")

    assert response["Location"] == "/security/linked?done=linked"
    assert len(home.linked) == 1


def test_an_account_of_another_person_is_refused_kindly_and_nobody_else_is_signed_in(
    provider: Provider, at_home: Browser
):
    bob = Browser(at=at_home.at)
    bob.come_in(provider.knows("l3"))
    person = at_home.person

    response = at_home.link("l3")

    assert problem(response) == "/security/linked linked_elsewhere"
    assert at_home.person == person
    assert at_home.linked == []
    assert len(bob.linked) == 1


def test_linking_that_is_denied_over_there_returns_to_the_list(provider: Provider, at_home: Browser):
    response = at_home.come_back(at_home.consent(at_home.begin("connect"), action="deny"))

    assert problem(response) == "/security/linked provider_denied"
    assert at_home.linked == []


def test_linking_is_for_who_has_shown_a_moment_ago_who_they_are(provider: Provider, browser: Browser, ada: UserJson):
    browser.sit_down(UUID(ada["id"]), ago=HOUR)

    assert refused(browser.begin("connect"), 403, "reauthentication_required")


def test_who_is_another_by_the_return_gets_nothing(provider: Provider, home: Browser):
    """Two people at one browser: what ada began, bob does not end."""
    back = home.consent(home.begin("connect"), sub=provider.knows("l4"))
    bob = Browser()
    bob.come_in(provider.knows("bob-4"))
    home.client.cookies[ACCESS_COOKIE] = bob.client.cookies[ACCESS_COOKIE].value

    response = home.come_back(back)

    assert problem(response) == "/security/linked somebody_else"
    assert len(bob.linked) == 1


def test_who_has_signed_out_meanwhile_is_not_signed_in_by_linking(provider: Provider, home: Browser):
    back = home.consent(home.begin("connect"), sub=provider.knows("l5"))
    del home.client.cookies[ACCESS_COOKIE]

    assert problem(home.come_back(back)) == "/security/linked somebody_else"
    assert ACCESS_COOKIE not in home.client.cookies
    assert not SocialAccount.objects.exists()


def test_nobody_can_begin_it_for_another_session(provider: Provider, home: Browser, ada: UserJson):
    url = home.ask("POST", "/api/oauth/flows", {"provider": "example", "process": "connect"}).json()["url"]
    eve, phone = Browser(), Browser()
    phone.sit_down(UUID(ada["id"]))

    for elsewhere in (eve, phone):
        assert problem(elsewhere.client.get(url)) == "/login flow_expired"
    assert problem(home.client.get(url.replace("example", "google", 1))) == "/login flow_expired"
    assert problem(home.client.get("/oauth/example/login/?ticket=forged")) == "/login flow_expired"
    assert home.client.get(url)["Location"].startswith(provider.url)


def test_what_cannot_be_begun_is_said(provider: Provider, home: Browser, guest: UserJson):
    flows = "/api/oauth/flows"

    assert Client().post(flows, {}, "application/json").status_code == 401
    assert refused(home.ask("POST", flows, {"provider": "none", "process": "connect"}), 404, "provider_not_found")
    assert refused(home.ask("POST", flows, {"provider": "example", "process": "login"}), 422, "invalid")


def test_a_guest_signs_in_instead_of_linking(provider: Provider, browser: Browser, guest: UserJson):
    assert refused(browser.begin("connect"), 403, "account_required")


def test_it_cannot_be_begun_by_another_sites_page(provider: Provider, home: Browser):
    """By cookie it takes the CSRF token."""
    sent = {"provider": "example", "process": "connect"}

    answer = home.client.post("/api/oauth/flows", sent, "application/json")

    assert answer.status_code == 403


# Unlinking


def unlink(browser: Browser, number: int = 0):
    return browser.ask("DELETE", f"/api/oauth/accounts/{browser.linked[number]['id']}")


def test_unlinking_closes_that_door_and_tells_the_owner(provider: Provider, at_home: Browser):
    at_home.link(provider.knows("u1"))
    jobs.do_all()
    mail.outbox.clear()

    assert unlink(at_home).status_code == 204

    assert at_home.linked == []
    phone = Browser(at=at_home.at)
    phone.come_in("u1")
    assert phone.person.id != at_home.person.id
    jobs.do_all()
    [letter] = mail.outbox
    assert letter.subject == "A login elsewhere was unlinked from your account"


def test_the_last_way_in_stays(provider: Provider, at_each: Browser):
    at_each.come_in(provider.knows("u2"))

    answer = unlink(at_each)

    assert refused(answer, 409, "last_way_in")
    assert len(at_each.linked) == 1


def test_with_a_passkey_it_is_not_the_last(provider: Provider, browser: Browser):
    browser.come_in(provider.knows("u3"))
    Authenticator.objects.create(user_id=browser.person.id, type=Authenticator.Type.WEBAUTHN, data={})
    note_authentication(session_id=browser.person.session_id, by_second_factor=True)

    assert unlink(browser).status_code == 204


def test_an_app_for_codes_is_no_way_in_by_itself(provider: Provider, browser: Browser):
    browser.come_in(provider.knows("u4"))
    Authenticator.objects.create(user_id=browser.person.id, type=Authenticator.Type.TOTP, data={})
    note_authentication(session_id=browser.person.session_id, by_second_factor=True)

    assert refused(unlink(browser), 409, "last_way_in")


def test_with_another_provider_it_is_not_the_last(provider: Provider, browser: Browser):
    browser.come_in(provider.knows("u5"))
    browser.at = "google"
    browser.link(provider.knows("u5-too"))

    assert unlink(browser).status_code == 204
    assert refused(unlink(browser), 409, "last_way_in")


def test_a_provider_that_is_offered_no_longer_is_no_way_in(provider: Provider, browser: Browser, settings):
    browser.come_in(provider.knows("u6"))
    browser.at = "google"
    browser.link(provider.knows("u6-too"))
    only_google = {"OAUTH_PKCE_ENABLED": True, "APPS": [app("google", "Google", provider.url)]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": only_google}

    assert [item["provider_name"] for item in browser.linked] == ["example", "Google"]
    assert refused(unlink(browser, 1), 409, "last_way_in")
    assert can_log_in_elsewhere(browser.person.id)
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert not can_log_in_elsewhere(browser.person.id)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": only_google}
    assert unlink(browser, 0).status_code == 204


def test_unlinking_is_for_who_has_shown_a_moment_ago_who_they_are(provider: Provider, home: Browser, ada: UserJson):
    home.link(provider.knows("u7"))
    home.sit_down(UUID(ada["id"]), ago=HOUR)

    assert refused(unlink(home), 403, "reauthentication_required")
    assert len(home.linked) == 1


def test_nobody_unlinks_for_another(provider: Provider, home: Browser):
    home.link(provider.knows("u8"))
    eve = Browser()
    eve.come_in(provider.knows("eve"))
    path = f"/api/oauth/accounts/{home.linked[0]['id']}"

    assert refused(eve.ask("DELETE", path), 404, "linked_account_not_found")
    assert refused(home.ask("DELETE", f"/api/oauth/accounts/{uuid4()}"), 404, "linked_account_not_found")
    assert Client().delete(path).status_code == 401
    assert Client().get("/api/oauth/accounts").status_code == 401
    assert len(home.linked) == 1


# Showing that it is you


def test_the_linked_account_shows_that_it_is_its_person(provider: Provider, at_each: Browser):
    at_each.come_in(provider.knows("r1"))
    person = at_each.person
    at_each.sit_down(person.id, ago=HOUR)
    assert refused(at_each.begin("connect"), 403, "reauthentication_required")

    started = at_each.begin("reauthenticate", "/security/linked")
    response = at_each.come_back(at_each.consent(started, sub="r1"))

    assert asked_of(started)["prompt"] == {"google": "select_account", "example": "login"}[at_each.at]
    assert response["Location"] == "/security/linked"
    assert at_each.begin("connect").status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_another_account_shows_nothing(provider: Provider, browser: Browser, known: bool):
    browser.come_in(provider.knows("r2"))
    person = browser.person
    browser.sit_down(person.id, ago=HOUR)
    if known:
        Browser().come_in(provider.knows("r2-other"))

    response = browser.come_back(browser.consent(browser.begin("reauthenticate"), sub="r2-other"))

    assert problem(response) == "/reauthenticate somebody_else"
    assert asked_of(response)["next"] == "/security"
    assert browser.person.id == person.id
    assert refused(browser.begin("connect"), 403, "reauthentication_required")


@pytest.mark.parametrize("said", [-3600, -61, "yesterday"])
def test_who_was_only_waved_through_over_there_has_not_shown_it(provider: Provider, at_each: Browser, said: int | str):
    at_each.come_in(provider.knows("r3"))
    person = at_each.person
    at_each.sit_down(person.id, ago=HOUR)
    started = at_each.begin("reauthenticate")
    provider.knows("r3", auth_time=said if isinstance(said, str) else int(time.time()) + said - 2)

    response = at_each.come_back(at_each.consent(started, sub="r3"))

    assert asked_of(started)["max_age"] == "0"
    assert problem(response) == "/reauthenticate provider_failed"
    assert refused(at_each.begin("connect"), 403, "reauthentication_required")


def test_who_has_signed_in_anew_over_there_has_shown_it_be_their_clock_a_little_slow(
    provider: Provider, at_each: Browser
):
    at_each.come_in(provider.knows("r4"))
    at_each.sit_down(at_each.person.id, ago=HOUR)
    started = at_each.begin("reauthenticate")
    provider.knows("r4", auth_time=int(time.time()) - 30)

    at_each.come_back(at_each.consent(started, sub="r4"))

    assert at_each.begin("connect").status_code == 302


def test_to_come_in_nobody_has_to_sign_in_anew_over_there(provider: Provider, at_each: Browser):
    asked = at_each.start()
    provider.knows("r5", auth_time=int(time.time()) - 3600)

    response = at_each.come_back(at_each.consent(asked, sub="r5"))

    assert not {"max_age", "prompt"} & set(asked_of(asked))
    assert response["Location"] == "/chats"


def test_a_guest_cannot_show_it(provider: Provider, browser: Browser, guest: UserJson):
    assert refused(browser.begin("reauthenticate"), 403, "account_required")


def test_the_issuer_and_the_subject_say_who_it_is_whatever_id_the_operator_gives(
    provider: Provider, browser: Browser, settings
):
    browser.come_in(provider.knows("same", email="old@example.org", email_verified=True))
    provider.knows("same", email="new@example.org", email_verified=True)
    facts = {"OAUTH_PKCE_ENABLED": True, "APPS": [app("renamed", "Renamed", provider.url)]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": facts}
    phone = Browser(at="renamed")

    phone.come_in("same")

    assert phone.person.id == browser.person.id
    [linked] = phone.linked
    assert (linked["provider_name"], linked["name"]) == ("Renamed", "new@example.org")
