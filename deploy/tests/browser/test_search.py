"""Somebody looks for what was said, and gets to the place where it stands."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.tests.browser.conftest import OpenBrowser
from deploy.tests.browser.deeds import expect_messages, expect_online, join, messages, register, write
from deploy.tests.browser.test_people import code_for_many

pytestmark = pytest.mark.split

SAID = ("Завтра идём за ЗЕЛЁНЫМ чаем", "今晚一起吃饭吧", "The kettle is broken: https://example.org/kettle")
SINCE = 25  # messages that push those out of the first page's sight


def ask(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Search messages").first.fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")


def hits(page: Page) -> Locator:
    return page.get_by_role("list", name="What was found").get_by_role("link")


def test_two_people_talk_and_one_finds_it_again(desktop: Page, open_browser: OpenBrowser):
    link = code_for_many(desktop)
    bob = open_browser(has_touch=True, viewport={"width": 390, "height": 844}).new_page()
    join(bob, link, "Bob")
    expect_online(desktop)
    for number in range(SINCE):
        write(desktop, SAID[number] if number < len(SAID) else f"and {number}")
    expect(messages(bob)).to_have_count(SINCE)

    bob.goto("/chats")
    ask(bob, "зелён")  # the letters in another case, in the middle of a word
    expect(hits(bob)).to_have_count(1)
    expect(hits(bob)).to_contain_text("Завтра идём за ЗЕЛЁНЫМ чаем")
    expect(hits(bob)).to_contain_text("Ada’s chat")
    expect(hits(bob).locator("mark")).to_have_text("ЗЕЛЁН")
    ask(bob, "饭")
    expect(hits(bob).locator("mark")).to_have_text("饭")
    bob.get_by_role("link", name="with a link").click()
    expect(bob.get_by_text("Nothing was found.")).to_be_visible()
    ask(bob, "has:link ettle")
    hits(bob).click()

    bob.wait_for_url(re.compile(r"/chats/[0-9a-f-]{36}\?at=\d+$"))
    expect(bob.locator(".message--target")).to_contain_text("The kettle is broken")
    expect(bob.locator(".message--target")).to_be_in_viewport()

    eve = open_browser().new_page()
    register(eve, display_name="Eve")
    ask(eve, "kettle")
    expect(eve.get_by_text("Nothing was found.")).to_be_visible()


def test_a_chat_is_searched_alone_and_without_scripts(open_browser: OpenBrowser, desktop: Page):
    plain = open_browser(java_script_enabled=False).new_page()
    join(plain, code_for_many(desktop), "Bob")
    write(desktop, "tea for two")
    expect_messages(desktop, "tea for two")

    plain.get_by_role("link", name="Search in this chat").click()
    ask(plain, "or tw")

    expect(hits(plain)).to_have_count(1)
    hits(plain).click()
    expect(plain.locator(".message--target")).to_contain_text("tea for two")
