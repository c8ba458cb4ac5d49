"""What goes wrong over there or in between ends at the login page, with the way back kept and nobody signed in."""

import socket
import sys
from contextlib import ExitStack, suppress
from time import monotonic
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.test import Client
from pytest_django import Settings

from deploy.ci.servers import Server, free_port
from oauth_svc.errors import ProviderFailed
from oauth_svc.providers import calls
from oauth_svc.providers.claims import claims_of
from oauth_svc.selectors import Provider as Offered
from oauth_svc.tests.conftest import offer
from oauth_svc.tests.provider import Browser, Provider, asked_of


def is_kind(response, problem: str, next_path: str) -> bool:
    wanted = f"/login?{urlencode({'next': next_path, 'problem': problem})}"
    return response.status_code == 302 and response["Location"] == wanted


def test_who_says_no_over_there_is_asked_again_and_keeps_the_way_back(provider: Provider, at_each: Browser):
    back = at_each.consent(at_each.start("/chats?tab=new"), action="deny")

    response = at_each.come_back(back)

    assert is_kind(response, "provider_denied", "/chats?tab=new")
    assert at_each.is_nobody()


def test_a_provider_that_is_down_is_said_to_be(at_each: Browser, settings: Settings):
    offer(settings, f"http://localhost:{free_port()}")

    assert is_kind(at_each.start("/join/abc"), "provider_failed", "/join/abc")


class Silent(ExitStack):
    """A provider's server that takes every connection and never says a word."""

    asked = 0

    def __enter__(self) -> Self:
        listening = self.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        return super().__enter__()


def test_a_provider_that_is_slow_is_not_waited_for(browser: Browser, settings: Settings, monkeypatch):
    monkeypatch.setattr(calls, "ANSWER_S", 0.2)
    with Silent() as provider:
        offer(settings, provider.url)
        began = monotonic()

        assert is_kind(browser.start(), "provider_failed", "/chats")

    assert monotonic() - began < 3


def test_a_step_has_one_time_for_all_that_it_asks(provider: Provider, browser: Browser, monkeypatch):
    back = browser.consent(browser.start(), sub=provider.knows("hurry"))
    monkeypatch.setattr(calls, "STEP_S", 0)

    assert is_kind(browser.come_back(back), "provider_failed", "/chats")


class Broken(Server):
    """Answers every question with 503, and counts them in its log."""

    name = "broken"
    PROGRAM = (
        "import http.server, sys\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_error(503)\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()"
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def times_asked(self) -> int:
        return self.log.read_text().count("openid-configuration")

    def start(self) -> None:
        self.launch([sys.executable, "-c", self.PROGRAM, str(self.port)])


def test_a_provider_that_fails_again_and_again_is_left_alone_and_tried_later(
    browser: Browser, settings: Settings, provider: Provider
):
    with Broken() as broken:
        offer(settings, broken.url)
        for _ in range(calls.FAILURES + 3):
            assert is_kind(browser.start(), "provider_failed", "/chats")
        asked = broken.times_asked
    offer(settings, provider.url)

    assert asked == calls.FAILURES
    assert browser.start()["Location"].startswith(provider.url)  # one provider's trouble is not the others'


def test_a_provider_that_was_left_alone_comes_back(provider: Provider, browser: Browser, monkeypatch):
    broken = calls.breakers.get_breaker(urlsplit(provider.url).netloc)
    for _ in range(calls.FAILURES):
        with suppress(ConnectionError), broken:
            raise ConnectionError
    assert is_kind(browser.start(), "provider_failed", "/chats")

    broken.context.ttl = 0

    assert browser.start()["Location"].startswith(provider.url)


def test_a_wrong_code_is_no_fault_of_the_provider(provider: Provider, browser: Browser):
    for _ in range(calls.FAILURES + 1):
        back = browser.consent(browser.start(), sub=provider.knows("careless"))
        assert is_kind(browser.come_back(changed(back, code="forged")), "provider_failed", "/chats")

    assert browser.come_in("careless")["Location"] == "/chats"


class Nonsense(Server):
    """Answers every question with a page that is no JSON."""

    name = "nonsense"

    def start(self) -> None:
        self.launch([sys.executable, "-m", "http.server", str(self.port), "--directory", str(self.folder)])


def test_a_provider_that_talks_nonsense_is_said_to_fail(browser: Browser, settings: Settings):
    with Nonsense() as server:
        folder = server.folder / ".well-known"
        folder.mkdir()
        for said in ("<html>", "{}", "[]", '{"authorization_endpoint": 7}'):
            (folder / "openid-configuration").write_text(said)
            offer(settings, f"http://localhost:{server.port}")

            assert browser.start().status_code == 302
            assert browser.start()["Location"].startswith("/login?"), said


def test_a_provider_that_dies_in_between_is_said_to_fail(at_each: Browser, settings: Settings):
    with Provider() as provider:
        offer(settings, provider.url)
        back = at_each.consent(at_each.start(), sub=provider.knows("u1"))

    response = at_each.come_back(back)

    assert asked_of(response)["problem"] == "provider_failed"
    assert at_each.is_nobody()


def changed(address: str, **parameters: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | parameters
    return f"{parts.path}?{urlencode({name: value for name, value in query.items() if value})}"


@pytest.mark.parametrize("parameters", [{"state": "forged"}, {"state": ""}, {"code": "forged"}, {"code": ""}], ids=str)
def test_a_forged_way_back_signs_nobody_in(provider: Provider, browser: Browser, parameters: dict[str, str]):
    back = browser.consent(browser.start(), sub=provider.knows("u2"))

    response = browser.come_back(changed(back, **parameters))

    assert asked_of(response)["problem"] == "provider_failed"
    assert browser.is_nobody()
    assert not SocialAccount.objects.exists()


def test_somebody_elses_way_back_signs_nobody_in(provider: Provider, browser: Browser):
    """Login CSRF: an attacker's code in the victim's browser."""
    attacker = Browser()
    back = attacker.consent(attacker.start(), sub=provider.knows("attacker"))

    assert asked_of(browser.come_back(back))["problem"] == "provider_failed"
    browser.start()
    assert asked_of(browser.come_back(back))["problem"] == "provider_failed"
    assert browser.is_nobody()


def test_an_identity_with_another_nonce_is_not_ours(provider: Provider, browser: Browser):
    """A stolen code: the state is this browser's, the code was made for another request."""
    thief = Browser()
    stolen = thief.consent(thief.start(), sub=provider.knows("victim"))
    own = browser.consent(browser.start(), sub=provider.knows("thief"))

    response = browser.come_back(changed(own, code=parse_qs(urlsplit(stolen).query)["code"][0]))

    assert asked_of(response)["problem"] == "provider_failed"
    assert browser.is_nobody()
    assert not SocialAccount.objects.exists()


def test_a_way_back_works_once(provider: Provider, browser: Browser):
    back = browser.consent(browser.start(), sub=provider.knows("u3"))
    browser.come_back(back)
    first = browser.person

    assert asked_of(browser.come_back(back))["problem"] == "provider_failed"
    assert browser.person == first


def test_another_sites_page_cannot_begin_a_login_in_this_browser(provider: Provider, browser: Browser):
    response = browser.start("/chats", Sec_Fetch_Site="cross-site")

    assert (response.status_code, response["Location"]) == (302, "/login?next=%2Fchats")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/oauth/example/login/", "/oauth/example/callback/?code=1&state=1", "/oauth/other/callback/"]
)
def test_without_a_provider_there_is_nothing(path: str):
    assert Client().get(path).status_code == 404


def test_a_provider_of_another_name_is_unknown(provider: Provider, browser: Browser):
    assert browser.come_back("/oauth/other/callback/?code=1&state=1").status_code == 404


@pytest.mark.parametrize("path", ["/oauth/example/login/", "/oauth/example/callback/"])
def test_nothing_can_be_posted_there(provider: Provider, browser: Browser, path: str):
    assert browser.client.post(path).status_code in (403, 405)


@pytest.mark.parametrize("fault", [ValueError, KeyError, TypeError, AttributeError])
def test_a_fault_of_ours_is_not_said_to_be_the_providers(
    provider: Provider, browser: Browser, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
):
    def arrive(**_: object) -> None:
        raise fault("ours")

    monkeypatch.setattr("oauth_svc.views.endings.arrive", arrive)

    with pytest.raises(fault):
        browser.come_in(provider.knows("u4"))


@pytest.mark.parametrize("subject", ["x" * 256, "nul\0"])
def test_a_subject_that_cannot_be_kept_is_the_providers_failure(provider: Provider, browser: Browser, subject: str):
    id_token = {"nonce": "n", "sub": subject, "iss": provider.url}
    login = SocialLogin(account=SocialAccount(uid=subject, provider="oidc", extra_data={"id_token": id_token}))
    login.state = {"nonce": "n", "flow": {"process": "login"}}

    with pytest.raises(ProviderFailed):
        claims_of(login, provider=Offered("oidc", "Example", is_oidc=True))
