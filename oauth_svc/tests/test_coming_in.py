"""Coming in through a provider: the same person each time, the same session as by password, and never somebody else."""

from uuid import UUID, uuid4

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django import Settings

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from auth_svc.selectors import session_is_alive, sessions_of
from auth_svc.services import be_guest, open_session
from chat_svc.selectors import members
from chat_svc.services import create_chat
from oauth_svc.tests.conftest import offer
from oauth_svc.tests.provider import CLIENT_ID, Browser, Provider, asked_of
from user_svc.selectors import UserJson, user_by_id
from user_svc.services import deactivate

FLOW_COOKIE = "abdre_oauth"


def test_a_person_comes_in_and_is_a_member_with_a_session_as_by_password(provider: Provider, at_each: Browser):
    subject = provider.knows("u1", name="Айгүл", preferred_username="aigul", email="a@example.org", email_verified=True)

    response = at_each.come_in(subject, "/chats?tab=new")

    assert (response.status_code, response["Location"]) == (302, "/chats?tab=new")
    user = user_by_id(at_each.person.id)
    assert (user.username, user.display_name, user.email) == ("aigul", "Айгүл", "a@example.org")
    assert not user.is_guest
    assert not user.has_usable_password()
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        assert response.cookies[name]["httponly"]
        assert (response.cookies[name]["samesite"], response.cookies[name]["path"]) == ("Lax", "/")


def test_the_same_account_over_there_is_the_same_person_here(provider: Provider, at_each: Browser):
    subject = provider.knows("u2", preferred_username="bob")
    at_each.come_in(subject)
    first = at_each.person.id
    provider.knows("u2", preferred_username="robert", email="new@example.org", email_verified=True)
    phone = Browser(at=at_each.at)

    phone.come_in(subject)

    assert phone.person.id == first
    assert len(sessions_of(first)) == 2
    assert user_by_id(first).username == "bob"


def test_what_stands_in_allauths_own_table_of_providers_is_not_looked_at(provider: Provider, browser: Browser):
    SocialApp.objects.create(provider="openid_connect", provider_id="example", name="Another", client_id="another")

    browser.come_in(provider.knows("u10", preferred_username="zoe"))

    assert user_by_id(browser.person.id).username == "zoe"


def test_who_comes_back_to_a_deactivated_account_is_told_so_first(provider: Provider, at_each: Browser):
    subject = provider.knows("u9", preferred_username="carol")
    at_each.come_in(subject)
    deactivate(user_id=at_each.person.id)
    phone = Browser(at=at_each.at)

    told = phone.come_in(subject, "/chats")
    again = Browser(at=at_each.at).come_in(subject, "/chats")

    assert (told["Location"], again["Location"]) == ("/welcome-back?next=%2Fchats", "/chats")
    assert user_by_id(at_each.person.id).deactivated_at is None


def test_the_request_carries_state_nonce_and_pkce(provider: Provider, at_each: Browser):
    asked = asked_of(at_each.start())

    assert asked["client_id"] == CLIENT_ID
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"http://testserver/oauth/{at_each.at}/callback/"
    assert "prompt" not in asked
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len(asked["state"]) >= 16
    assert len(asked["nonce"]) >= 16
    assert asked_of(Browser(at=at_each.at).start())["nonce"] != asked["nonce"]


def test_the_provider_is_told_our_public_address(provider: Provider, browser: Browser, settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    assert asked_of(browser.start())["redirect_uri"] == "https://chat.example.org/oauth/example/callback/"


def test_the_flow_lives_in_a_cookie_of_its_own_path_and_leaves_nothing_behind(provider: Provider, browser: Browser):
    started = browser.start()
    cookie = started.cookies[FLOW_COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/oauth/", True, "Lax")

    finished = browser.come_back(browser.consent(started, sub=provider.knows("u3")))

    assert finished.cookies[FLOW_COOKIE].value == ""
    assert "sessionid" not in finished.cookies


@pytest.mark.parametrize(
    "wished",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "chats", "", "\0/chats"],
)
def test_afterwards_only_a_path_of_ours_is_gone_to(provider: Provider, browser: Browser, wished: str):
    response = browser.come_in(provider.knows("u4"), wished)

    assert response["Location"] == "/chats"


# Who is who


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_provider_does_not_vouch_for_counts_for_nothing(
    provider: Provider, browser: Browser, ada: UserJson, verified: object
):
    subject = provider.knows(f"u-{uuid4()}", email="ada@example.org", email_verified=verified)

    browser.come_in(subject)

    assert str(browser.person.id) != ada["id"]
    assert user_by_id(browser.person.id).email is None


@pytest.mark.parametrize(
    "email", ["a\0@example.org", f"{'a' * 250}@example.org", "no address", ["a@example.org"], ""], ids=str
)
def test_an_address_that_is_none_counts_for_nothing(provider: Provider, browser: Browser, email: object):
    browser.come_in(provider.knows(f"u-{uuid4()}", email=email, email_verified=True))

    assert user_by_id(browser.person.id).email is None


def test_the_same_subject_at_another_provider_is_another_person(
    provider: Provider, browser: Browser, settings: Settings
):
    browser.come_in(provider.knows("u9"))
    with Provider() as elsewhere:
        offer(settings, elsewhere.url)
        stranger = Browser()
        stranger.come_in(elsewhere.knows("u9"))

    assert stranger.person.id != browser.person.id


def test_a_user_name_that_is_taken_gets_digits(provider: Provider, browser: Browser, ada: UserJson):
    browser.come_in(provider.knows("u5", preferred_username="ada", name="Ada the Second"))

    user = user_by_id(browser.person.id)
    assert user.username
    assert user.username.startswith("ada")
    assert user.username != "ada"
    assert user.display_name == "Ada the Second"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"name": "\u202e evil"},
        {"name": "x" * 500, "preferred_username": "y" * 500},
        {"preferred_username": "<script>"},
        {"name": "nul\0", "preferred_username": "nul\0nul"},
        {"preferred_username": "\ufdfa" * 8},
        {"name": 7, "preferred_username": None, "email": []},
    ],
    ids=str,
)
def test_whatever_the_provider_says_of_names_somebody_can_come_in(
    provider: Provider, browser: Browser, claims: dict[str, object]
):
    browser.come_in(provider.knows(f"u-{uuid4()}", **claims))

    user = user_by_id(browser.person.id)
    assert user.username
    assert user.display_name


@pytest.mark.parametrize("at", ["example", "google"])
def test_a_guest_becomes_the_member_and_stays_the_same_person(
    provider: Provider, browser: Browser, guest: UserJson, at: str
):
    browser.at = at
    chat = create_chat(creator_id=UUID(guest["id"]), kind="temporary", title="Tea", ttl_s=3600)
    session = browser.person.session_id

    browser.come_in(provider.knows("u6", preferred_username="gulnara"))

    assert str(browser.person.id) == guest["id"]
    assert browser.person.session_id == session
    user = user_by_id(browser.person.id)
    assert (user.is_guest, user.username, user.display_name) == (False, "gulnara", "Гость")
    assert len(members(chat_id=chat.id, user_id=user.id)) == 1


def test_a_guest_who_has_an_account_brings_the_chats_along(provider: Provider, at_each: Browser):
    Browser(at=at_each.at).come_in(provider.knows("u7", preferred_username="carol"))
    carol = account_of("u7").user_id
    guest = sit_down_as_guest(at_each)
    chat = create_chat(creator_id=guest, kind="temporary", title="Tea", ttl_s=3600)
    session_of_guest = at_each.person.session_id

    at_each.come_in("u7")

    assert at_each.person.id == carol
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=carol)] == [str(carol)]
    assert not session_is_alive(session_of_guest)


def account_of(subject: str) -> SocialAccount:
    return SocialAccount.objects.get(extra_data__sub=subject)


def sit_down_as_guest(browser: Browser) -> UUID:
    user = be_guest(display_name="Tom", address="10.0.1.0/24")
    browser.client.cookies[ACCESS_COOKIE] = open_session(user_id=user.id).access
    return user.id


@pytest.mark.parametrize("closed", [{"banned_at": timezone.now()}, {"is_active": False}], ids=str)
def test_a_closed_account_stays_closed(provider: Provider, browser: Browser, closed: dict[str, object]):
    Browser().come_in(provider.knows("u8"))
    get_user_model().objects.filter(id=account_of("u8").user_id).update(**closed)

    response = browser.come_in("u8")

    assert asked_of(response)["problem"] == "account_closed"
    assert browser.is_nobody()
