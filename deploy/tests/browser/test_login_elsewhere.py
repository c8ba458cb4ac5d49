"""Signing in through somebody else's login, with a real OpenID Connect provider in a process of its own."""

from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.provider import Provider


def test_a_person_comes_in_by_another_login_and_is_the_same_person_next_time(
    phone: Page, desktop: Page, provider: Provider
):
    provider.knows("ada-17", name="Ada Lovelace", email="ada@example.org", email_verified=True)

    come_in_by_the_provider(phone, "ada-17")
    deeds.start_a_chat(phone)
    come_in_by_the_provider(desktop, "ada-17")

    expect(desktop.locator(".chat-list__item")).to_have_count(1)


def come_in_by_the_provider(page: Page, subject: str) -> None:
    page.goto("/login?next=/chats")
    page.get_by_role("link", name="Continue with Example").click()
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(deeds.CHATS)
