"""Two people reply in a thread, and forward what was said, on each other's screens."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write

pytestmark = pytest.mark.split


def choose(page: Page, text: str, deed: str) -> None:
    """From the menu of the message that says `text`."""
    message = row(page, text)
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name=deed, exact=True).click()


def answer(page: Page, text: str) -> None:
    """On a thread's page."""
    page.get_by_label("Reply", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def look(page: Page, pictures: Path, name: str) -> None:
    """In each scheme: it fits, axe has nothing to say, and a picture is left for people."""
    expect(page.locator(".message:not([data-seq])")).to_have_count(0)  # what is on its way has no author yet
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=pictures / f"{name}-{scheme}.png")
        assert not deeds.overflows(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_reply_in_a_thread_is_counted_under_its_root_on_the_other_screen(two: Two, pictures: Path):
    ada, guest = two.ada, two.guest
    write(ada, "tea?")
    expect_messages(guest, "tea?")

    choose(guest, "tea?", "Reply in thread")
    expect_online(guest)
    answer(guest, "yes")

    expect_messages(ada, "tea?", "yes")
    expect(row(ada, "tea?").locator(".message__replies")).to_have_text("1 reply")
    expect(row(ada, "yes").locator(".message__thread")).to_have_text("In the thread of Host")
    write(ada, "beside it")
    look(ada, pictures, "threads-chat-desktop")
    row(ada, "yes").get_by_role("link", name="In the thread of Host").click()
    expect_online(ada)
    answer(ada, "with milk")
    for page, name in ((ada, "desktop"), (guest, "phone")):
        expect_messages(page, "tea?", "yes", "with milk")
        look(page, pictures, f"thread-{name}")

    guest.get_by_role("link", name="Back", exact=True).click()
    expect_messages(guest, "tea?", "yes", "beside it", "with milk")
    expect(row(guest, "tea?").locator(".message__replies")).to_have_text("2 replies")
    look(guest, pictures, "threads-chat-phone")
    choose(guest, "yes", "Delete")
    guest.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(guest, "tea?").locator(".message__replies")).to_have_text("1 reply")
    expect_messages(ada, "tea?", "This message was deleted.", "with milk")


def test_what_is_written_in_a_thread_is_unread_in_the_list_and_without_scripts_too(two: Two, open_browser: OpenBrowser):
    write(two.ada, "tea?")
    expect_messages(two.guest, "tea?")
    expect(row(two.ada, "tea?").locator(".message__state")).to_have_attribute("data-state", "read")
    plain = open_browser(java_script_enabled=False, storage_state=two.guest.context.storage_state()).new_page()
    two.ada.goto("/chats")
    expect_online(two.ada)

    plain.goto(two.guest.url)
    choose(plain, "tea?", "Reply in thread")
    answer(plain, "yes")

    expect_messages(plain, "tea?", "yes")
    expect(two.ada.locator(".chat-list__count").first).to_have_text("1")
    plain.get_by_role("link", name="Back", exact=True).click()
    plain.get_by_role("link", name="1 reply").click()
    expect_messages(plain, "tea?", "yes")


def test_a_message_is_forwarded_and_arrives_in_the_other_chat(two: Two, pictures: Path):
    ada, guest, first = two.ada, two.guest, two.ada.url
    write(guest, "**tea** at five")
    expect_messages(ada, "tea at five")
    deeds.start_a_chat(ada)
    guest.goto(ada.locator("[data-url]").get_attribute("data-url") or "")
    guest.get_by_role("button", name=re.compile("Join")).first.click()
    guest.wait_for_url(deeds.A_CHAT)
    expect_online(guest)
    ada.wait_for_url(deeds.A_CHAT)  # where her screen goes by itself when somebody has come
    ada.goto(first)

    choose(ada, "tea at five", "Forward")
    look(ada, pictures, "forward-desktop")
    ada.get_by_role("checkbox").first.check()
    ada.get_by_role("button", name="Forward").click()

    ada.wait_for_url(deeds.A_CHAT)
    assert ada.url == guest.url
    for page, name in ((ada, "desktop"), (guest, "phone")):
        expect_messages(page, "tea at five")
        expect(page.locator(".message__forwarded")).to_have_text("Forwarded from Bota")
        look(page, pictures, f"forwarded-{name}")
    expect(ada.locator(".message__body strong")).to_have_text("tea")
    message = ada.locator(".message")
    message.hover()
    message.locator("summary").click()
    expect(message.get_by_role("link", name="Edit", exact=True)).to_be_hidden()
