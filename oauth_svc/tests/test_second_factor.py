"""A login elsewhere is one factor, as a password is: who has a second one is asked for it."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator

from abdre.second_step import COOKIE
from chat_svc.selectors import members
from chat_svc.services import create_chat
from oauth_svc.tests.provider import Browser, Provider, asked_of
from user_svc.selectors import UserJson


@pytest.fixture
def careful(provider: Provider, at_each: Browser) -> UUID:
    """A person who came by the provider, and uses an authenticator app since."""
    first = Browser(at=at_each.at)
    first.come_in(provider.knows("careful"))
    Authenticator.objects.create(user_id=first.person.id, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    return first.person.id


def test_nobody_is_signed_in_before_the_second_step(at_each: Browser, careful: UUID):
    response = at_each.come_in("careful", "/join/abc")

    assert response["Location"] == "/login/second-factor?next=%2Fjoin%2Fabc"
    assert at_each.is_nobody()
    kept = json.loads(urlsafe_b64decode(response.cookies[COOKIE].value))
    assert (kept["factors"], kept["remember"]) == (["totp"], True)
    assert kept["challenge"]


def test_a_guest_brings_nothing_along_before_it(at_each: Browser, careful: UUID, guest: UserJson):
    chat = create_chat(creator_id=UUID(guest["id"]), kind="temporary", title="Tea", ttl_s=3600)

    at_each.come_in("careful")

    assert str(at_each.person.id) == guest["id"]
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=at_each.person.id)] == [guest["id"]]


def test_a_login_elsewhere_does_not_show_what_the_session_has_never_shown(at_each: Browser, careful: UUID):
    at_each.sit_down(careful, ago=timedelta(hours=1))

    response = at_each.come_back(at_each.consent(at_each.begin("reauthenticate"), sub="careful"))

    assert response["Location"].startswith("/reauthenticate?")
    assert asked_of(response)["problem"] == "second_factor_needed"
    assert at_each.begin("connect").json()["error"]["code"] == "second_factor_needed"
    unlinked = at_each.ask("DELETE", f"/api/oauth/accounts/{at_each.linked[0]['id']}")
    assert unlinked.json()["error"]["code"] == "second_factor_needed"
