"""People call each other by name, on two screens; what is unread is the same on all devices of a person."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write

pytestmark = pytest.mark.split


def text_of(page: Page):
    return page.get_by_label("Message", exact=True)


def choose(page: Page, text: str, deed: str) -> None:
    """From the menu of the message that says `text`."""
    message = row(page, text)
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name=deed).click()


def item(page: Page):
    """The first chat of the list."""
    return page.locator(".chat-list__item").first


def test_a_name_is_offered_where_it_is_typed_and_stands_out_on_the_other_screen(two: Two, pictures: Path):
    text_of(two.ada).press_sequentially("tea, @bo")
    expect(two.ada.get_by_role("option")).to_have_text([re.compile("Bota")])
    two.ada.screenshot(path=pictures / "mention-picker-desktop.png")
    two.ada.keyboard.press("Enter")
    expect(text_of(two.ada)).to_have_value("tea, @Bota ")
    two.ada.keyboard.press("Enter")

    expect_messages(two.guest, "tea, @Bota")
    expect(two.guest.locator(".mention--mine")).to_have_text("@Bota")
    expect(two.ada.locator(".mention")).to_have_text("@Bota")
    expect(two.ada.locator(".mention--mine")).to_have_count(0)
    two.guest.reload()
    expect(two.guest.locator(".mention--mine")).to_have_text("@Bota")


def test_on_a_phone_a_name_is_chosen_by_a_tap_and_escape_leaves_it(two: Two):
    text_of(two.guest).press_sequentially("@")
    expect(two.guest.get_by_role("option")).to_have_count(2)  # the host, and everybody
    two.guest.keyboard.press("Escape")
    expect(two.guest.get_by_role("listbox")).to_be_hidden()
    text_of(two.guest).press_sequentially("h")
    two.guest.get_by_role("option", name="Host").tap()
    text_of(two.guest).press_sequentially("tea?")
    two.guest.keyboard.press("Enter")

    expect(two.ada.locator(".mention--mine")).to_have_text("@Host")


def test_what_is_unread_is_so_on_every_device(two: Two, open_browser: OpenBrowser):
    elsewhere = open_browser(**DESKTOP, storage_state=two.guest.context.storage_state()).new_page()
    elsewhere.goto("/chats")
    two.guest.goto("/chats")
    for page in (elsewhere, two.guest):
        expect_online(page)

    for text in ("one", "@Bota two", "three"):
        write(two.ada, text)
    for page in (elsewhere, two.guest):
        expect(item(page).locator(".chat-list__count")).to_have_text("3")
        expect(item(page).locator(".chat-list__mentions")).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(3\)"))

    choose(two.ada, "three", "Delete")
    two.ada.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for page in (elsewhere, two.guest):
        expect(item(page).locator(".chat-list__count")).to_have_text("2")
    choose(two.ada, "@Bota two", "Edit")
    write(two.ada, "two")
    for page in (elsewhere, two.guest):
        expect(item(page).locator(".chat-list__mentions")).to_be_hidden()

    item(two.guest).click()
    expect(item(elsewhere).locator(".chat-list__unread")).to_be_hidden()
    choose(two.guest, "two", "Mark as unread")
    two.guest.wait_for_url(deeds.CHATS)
    for page in (elsewhere, two.guest):
        expect(item(page).locator(".chat-list__count")).to_have_text("1")
    expect(row(two.ada, "one").locator(".message__state")).to_have_attribute("data-state", "read")


def test_what_is_done_to_a_chat_is_told_in_it_and_is_nobodys_news(two: Two):
    write(two.ada, "tea")
    expect(row(two.ada, "tea").locator(".message__state")).to_have_attribute("data-state", "read")
    two.guest.goto("/chats")
    chat = two.ada.url
    two.ada.goto(f"{chat}/settings")
    two.ada.get_by_text("For everybody", exact=True).click()
    two.ada.get_by_label("Name of the chat").fill("Coffee")
    two.ada.locator('[data-form="rules"]').get_by_role("button", name="Save").click()

    expect(item(two.guest).locator(".chat-list__preview")).to_have_text("Host renamed the chat to “Coffee”")
    expect(item(two.guest).locator(".chat-list__unread")).to_be_hidden()
    item(two.guest).click()
    expect(two.guest.locator(".message--system .message__body")).to_have_text("Host renamed the chat to “Coffee”")
    expect(two.guest.locator(".message--system summary")).to_be_hidden()


def test_a_link_leads_to_a_message_and_a_line_to_what_is_new(two: Two):
    two.guest.goto("/chats")
    expect_online(two.guest)
    write(two.ada, "the first")
    for number in range(60):
        write(two.ada, f"later {number}")
    expect(item(two.guest).locator(".chat-list__count")).to_have_text("61")

    item(two.guest).click()
    two.guest.get_by_role("link", name="To the first new message").click()
    expect(
        two.guest.locator(".timeline__unread + .timeline__day + .message, .timeline__unread + .message")
    ).to_be_visible()
    expect(row(two.guest, "the first")).to_be_in_viewport()
    expect(row(two.guest, "the first")).to_be_focused()
    two.guest.get_by_role("link", name="Newest messages").click()
    expect(row(two.guest, "later 59")).to_be_in_viewport()


def test_a_pinned_message_stands_above_the_others_on_both_screens(two: Two, pictures: Path):
    for text in ("the rules", "tea, @Bota?"):
        write(two.ada, text)
    expect_messages(two.guest, "the rules", "tea, @Bota?")

    choose(two.ada, "the rules", "Pin")

    for page in (two.ada, two.guest):
        expect(page.locator(".pinned-bar__text")).to_have_text("Host: the rules")
        expect(page.locator(".message--system .message__body")).to_have_text("Host pinned a message")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=pictures / f"pinned-{'desktop' if page is two.ada else 'phone'}-{scheme}.png")
    two.guest.get_by_role("link", name="All pinned").click()
    expect(two.guest.locator(".message__body")).to_have_text(["the rules"])
    two.guest.screenshot(path=pictures / "pins-phone-dark.png")
    two.guest.get_by_role("link", name="Show in the chat").click()
    expect(row(two.guest, "the rules")).to_be_focused()
    choose(two.ada, "the rules", "Unpin")
    for page in (two.ada, two.guest):
        expect(page.locator(".pinned-bar")).to_be_hidden()


def test_a_chat_is_cleared_for_one_person_on_all_devices(two: Two, open_browser: OpenBrowser):
    for text in ("one", "two"):
        write(two.ada, text)
    expect_messages(two.guest, "one", "two")
    elsewhere = open_browser(**DESKTOP, storage_state=two.guest.context.storage_state()).new_page()
    elsewhere.goto(two.guest.url)
    expect_messages(elsewhere, "one", "two")
    expect_online(elsewhere)

    two.guest.goto(f"{two.guest.url}/settings")
    two.guest.get_by_text("Clear this chat").click()
    two.guest.get_by_role("button", name="Clear").click()

    for page in (two.guest, elsewhere):
        expect_messages(page)
    expect(item(elsewhere).locator(".chat-list__preview")).to_be_empty()
    write(two.ada, "three")
    for page in (two.guest, elsewhere):
        expect_messages(page, "three")
    expect_messages(two.ada, "one", "two", "three")
