"""Signing in through somebody else's login, with real providers in processes of their own; by Google and by another."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.github import GitHub
from deploy.tests.provider import Provider

pytestmark = pytest.mark.split

CONFIRM = re.compile(r"/security/linked/confirm")


@pytest.fixture(params=["Google", "Example"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def choose(page: Page, name: str) -> None:
    page.get_by_role("link", name=f"Continue with {name}").click()


def say_yes(page: Page, subject: str) -> None:
    """Over there."""
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def come_in(page: Page, name: str, subject: str) -> None:
    page.goto("/login?next=/chats")
    choose(page, name)
    say_yes(page, subject)
    page.wait_for_url(deeds.CHATS)


def expect_to_be(page: Page, username: str) -> None:
    page.goto("/profile")
    expect(page.locator("#main").get_by_text(username, exact=True)).to_be_visible()


def link(page: Page, name: str, subject: str) -> None:
    page.goto("/security/linked")
    page.get_by_role("button", name=f"Link {name}", exact=True).click()
    say_yes(page, subject)


def test_a_person_comes_in_and_is_the_same_person_next_time(phone: Page, desktop: Page, provider: Provider, name: str):
    ada = provider.knows_somebody(name="Ada Lovelace", email=f"{uuid4().hex}@example.org", email_verified=True)

    come_in(phone, name, ada)
    deeds.start_a_chat(phone)
    come_in(desktop, name, ada)

    expect(desktop.locator(".chat-list__item")).to_have_count(1)


def test_who_says_no_over_there_is_back_at_the_login_and_told(phone: Page, name: str):
    phone.goto("/login?next=/join/abc")
    choose(phone, name)
    phone.get_by_role("button", name="Deny").click()

    expect(phone.get_by_role("alert")).to_contain_text("You did not agree over there")
    expect(phone.get_by_role("link", name=f"Continue with {name}")).to_have_attribute(
        "href", re.compile("next=%2Fjoin%2Fabc")
    )


@contextmanager
def away(provider: Provider) -> Iterator[None]:
    provider.halt()
    try:
        yield
    finally:
        provider.start()


def test_a_provider_that_is_down_is_told_and_the_password_still_works(
    phone: Page, desktop: Page, provider: Provider, name: str
):
    username = deeds.register(desktop)

    with away(provider):
        phone.goto("/login?next=/chats")
        choose(phone, name)

        expect(phone.get_by_role("alert")).to_contain_text("did not answer as it should")
        phone.get_by_label("Name or e-mail").fill(username)
        phone.get_by_label("Password").fill(deeds.PASSWORD)
        phone.get_by_role("button", name="Log in").click()
        phone.wait_for_url(deeds.CHATS)

    come_in(phone, name, provider.knows_somebody())  # and it is asked again


def test_an_account_is_linked_opens_the_door_and_is_unlinked(phone: Page, desktop: Page, provider: Provider, name: str):
    username = deeds.register(phone)
    ada = provider.knows_somebody(email=f"{uuid4().hex}@work.example", email_verified=True)

    phone.goto("/security")
    phone.get_by_role("link", name="Linked accounts").click()
    phone.get_by_role("button", name=f"Link {name}", exact=True).click()
    say_yes(phone, ada)

    expect(phone.get_by_role("status")).to_have_text("The account is linked.")
    expect(phone.locator(".people__item")).to_have_count(1)
    come_in(desktop, name, ada)
    expect_to_be(desktop, username)

    phone.get_by_role("button", name=f"Unlink {name}").click()

    expect(phone.get_by_role("status")).to_have_text("The account is unlinked.")
    expect(phone.locator(".people__item")).to_have_count(0)


def test_an_account_of_another_person_is_not_linked(phone: Page, desktop: Page, provider: Provider, name: str):
    bob = provider.knows_somebody()
    come_in(desktop, name, bob)
    username = deeds.register(phone)

    link(phone, name, bob)

    expect(phone.get_by_role("alert")).to_contain_text("belongs to another person")
    expect_to_be(phone, username)


def test_the_only_way_in_cannot_be_unlinked(phone: Page, provider: Provider, name: str):
    come_in(phone, name, provider.knows_somebody())
    phone.goto("/security/linked")

    phone.get_by_role("button", name=f"Unlink {name}").click()

    expect(phone.get_by_role("alert")).to_contain_text("your only way to log in")
    expect(phone.locator(".people__item")).to_have_count(1)


def test_who_has_the_same_address_logs_in_and_is_asked_whether_to_link(
    phone: Page, desktop: Page, provider: Provider, name: str
):
    """An account's verified address; here the account was made by the other provider, which had vouched for it."""
    other = {"Google": "Example", "Example": "Google"}[name]
    claims = {"email": f"{uuid4().hex}@example.org", "email_verified": True}
    first, second = provider.knows_somebody(**claims), provider.knows_somebody(**claims)
    come_in(desktop, other, first)
    deeds.start_a_chat(desktop)

    phone.goto("/login?next=/chats")
    choose(phone, name)
    say_yes(phone, second)
    expect(phone.get_by_role("alert")).to_contain_text("already")
    choose(phone, other)
    say_yes(phone, first)
    phone.wait_for_url(CONFIRM)
    expect(phone.get_by_role("heading")).to_have_text(f"Link your {name} account?")
    phone.get_by_role("button", name="Link them").click()

    phone.wait_for_url(deeds.CHATS)
    expect(phone.locator(".chat-list__item")).to_have_count(1)
    come_in(phone, name, second)
    expect(phone.locator(".chat-list__item")).to_have_count(1)


def test_who_does_not_want_to_link_is_logged_in_all_the_same(phone: Page, desktop: Page, provider: Provider):
    claims = {"email": f"{uuid4().hex}@example.org", "email_verified": True}
    first, second = provider.knows_somebody(**claims), provider.knows_somebody(**claims)
    come_in(desktop, "Example", first)

    phone.goto("/login?next=/chats")
    choose(phone, "Google")
    say_yes(phone, second)
    choose(phone, "Example")
    say_yes(phone, first)
    phone.get_by_role("button", name="Not now").click()

    phone.wait_for_url(deeds.CHATS)
    phone.goto("/security/linked")
    expect(phone.locator(".people__item")).to_have_count(1)


def test_a_guest_becomes_a_member_and_keeps_chats_and_messages(
    open_browser: OpenBrowser, phone: Page, provider: Provider, name: str
):
    gulnara = provider.knows_somebody(name="Gulnara over there")
    chat = write_as_a_guest(phone)

    phone.goto("/register?next=/chats")
    choose(phone, name)
    say_yes(phone, gulnara)
    phone.wait_for_url(deeds.CHATS)

    laptop = open_browser(**DESKTOP).new_page()
    come_in(laptop, name, gulnara)
    expect_own_words(laptop, chat)


def test_a_guest_becomes_a_member_by_a_password_as_well(open_browser: OpenBrowser, phone: Page):
    chat = write_as_a_guest(phone)

    username = deeds.register(phone)

    expect_own_words(phone, chat)
    laptop = open_browser(**DESKTOP).new_page()
    deeds.log_in(laptop, username)
    expect_own_words(laptop, chat)


def write_as_a_guest(page: Page) -> str:
    """The chat's address."""
    deeds.start_a_chat(page, "Gulnara")
    page.goto("/chats")
    page.locator(".chat-list__item").click()
    deeds.expect_online(page)
    deeds.write(page, "I was here before")
    deeds.expect_messages(page, "I was here before")
    return page.url


def expect_own_words(page: Page, chat: str) -> None:
    page.goto(chat)
    deeds.expect_online(page)
    deeds.expect_messages(page, "I was here before")
    expect(deeds.row(page, "I was here before")).to_have_class(re.compile("message--own"))


def test_a_login_that_is_no_openid_connect(phone: Page, github: GitHub):
    number = uuid4().int % 10**9
    github.visited_by(f"octo-{number}", number, email="")
    phone.goto("/login?next=/profile")

    choose(phone, "GitHub")

    phone.wait_for_url(re.compile("/profile"))
    expect_to_be(phone, f"octo-{number}")


# How it looks


@pytest.mark.all_in_one
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone-light", "desktop-dark"])
def test_the_screens_are_good(
    open_browser: OpenBrowser, provider: Provider, pictures: Path, size: dict[str, object], scheme: str
):
    faults: list[str] = []
    page = open_browser(**size, color_scheme=scheme).new_page()
    claims = {"email": "ada.lovelace@example.org", "email_verified": True}
    ada, again = provider.knows("ada-seen", **claims), provider.knows("ada-seen-again", **claims)
    viewport = size["viewport"]
    assert isinstance(viewport, dict)

    def take(name: str) -> None:
        page.screenshot(path=pictures / f"elsewhere-{name}-{viewport['width']}-{scheme}.png")
        if deeds.overflows(page):
            faults.append(f"{name}: scrolls sideways")
        faults.extend(f"{name}: {found['id']}: {found['help']}" for found in Axe().run(page).response["violations"])

    come_in(page, "Example", ada)
    page.goto("/security/linked")
    take("linked")
    page.get_by_role("button", name="Unlink Example").click()
    expect(page.get_by_role("alert")).to_be_visible()
    take("last-way-in")
    page.goto("/reauthenticate")
    take("reauthenticate")
    page.route("**/oauth/google/**", lambda route: route.fulfill(status=204))  # so that the page in between stays
    page.goto("/security/linked")
    page.get_by_role("button", name="Link Google", exact=True).click()
    expect(page.get_by_role("link", name="Continue to Google")).to_be_visible()
    take("onward")
    page.unroute_all()
    page.context.clear_cookies()
    page.goto("/login")
    choose(page, "Google")
    say_yes(page, again)
    expect(page.get_by_role("alert")).to_contain_text("already")
    take("login")
    choose(page, "Example")
    say_yes(page, ada)
    page.wait_for_url(CONFIRM)
    take("confirm")
    page.goto("/register")
    take("register")

    assert faults == []
