"""The provider runs once for all; each test has a browser of its own, and ada and guest may sit at it."""

from collections.abc import Iterator
from typing import Any

import pytest
from purgatory import SyncCircuitBreakerFactory
from pytest_django import Settings

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from auth_svc.services import be_guest, hold_email, open_session, register
from oauth_svc.providers import calls
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


def offer(settings: Settings, issuer: str, *, others: dict[str, Any] | None = None) -> None:
    """What the environment would say: Google and another one, both played by the same process."""
    oidc = {"OAUTH_PKCE_ENABLED": True, "APPS": [app("google", "Google", issuer), app("example", "Example", issuer)]}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": oidc, **(others or {})}


def app(provider_id: str, name: str, issuer: str) -> dict[str, Any]:
    facts = {"provider_id": provider_id, "name": name, "client_id": CLIENT_ID, "secret": "only-for-tests"}
    return {**facts, "settings": {"server_url": issuer}}


@pytest.fixture(autouse=True)
def unbroken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breakers last as long as the process; each test has its own."""
    fresh = SyncCircuitBreakerFactory(default_threshold=calls.FAILURES, default_ttl=calls.REST_S)
    monkeypatch.setattr(calls, "breakers", fresh)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture(params=["example", "google"])
def at_each(request: pytest.FixtureRequest, browser: Browser) -> Browser:
    """The browser's person comes by a provider of the settings, and by Google."""
    browser.at = request.param
    return browser


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
