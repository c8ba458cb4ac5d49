"""The provider runs once for all; each test has a browser of its own, and ada and guest may sit at it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from auth_svc.services import be_guest, hold_email, open_session, register
from oauth_svc.tests.provider import CLIENT_ID, Browser, Provider
from user_svc.selectors import UserJson, user_json

PASSWORD = "long enough, and not common"


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider, settings: Settings) -> Provider:
    offer(settings, provider_process.url)
    return provider_process


def offer(settings: Settings, issuer: str) -> None:
    """What the environment would say."""
    app = {"provider_id": "oidc", "name": "Example", "client_id": CLIENT_ID, "secret": "only-for-tests"}
    known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.OIDC_ISSUER = issuer
    settings.OIDC_NAME = "Example"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**known, "APPS": [{**app, "settings": {"server_url": issuer}}]}
    }


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture
def guest(browser: Browser) -> UserJson:
    """Somebody is a guest at the browser."""
    user = be_guest(display_name="Гость", address="10.0.0.0/24")
    tokens = open_session(user_id=user.id)
    browser.client.cookies[ACCESS_COOKIE] = tokens.access
    browser.client.cookies[REFRESH_COOKIE] = tokens.refresh
    return user_json(user)


@pytest.fixture
def ada(db: None) -> UserJson:
    """Ada has an account with a password and an address that she has confirmed."""
    user = register(username="ada", password=PASSWORD, address="10.0.0.0/24", origin="")
    hold_email(user_id=user.id, email="ada@example.org")
    return user_json(user)
