"""What happens on one screen is seen on the other: edits, deletions, replies, typing, reading, time away, removal."""

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import PHONE, OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, fall_asleep, messages, row, wake_up, write

# As they came over the network, compressed. Headers aside: over HTTP/2 the second says little more than "as before".
WEIGHT_BYTES = """() => ["navigation", "resource"]
    .flatMap((type) => performance.getEntriesByType(type))
    .reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0)"""


def choose(page: Page, text: str, deed: str) -> None:
    """From the menu of the message that says `text`."""
    message = row(page, text)
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name=deed, exact=True).click()


def test_an_edit_a_reply_and_a_deletion_reach_the_other_screen(two: Two):
    write(two.ada, "helo")
    expect_messages(two.guest, "helo")

    choose(two.ada, "helo", "Edit")
    expect(two.ada.get_by_label("Message", exact=True)).to_have_value("helo")
    write(two.ada, "hello")
    expect_messages(two.guest, "hello")
    expect(row(two.guest, "hello").get_by_text("edited")).to_be_visible()

    choose(two.guest, "hello", "Reply")
    write(two.guest, "hi yourself")
    expect(row(two.ada, "hi yourself").locator(".message__quote")).to_have_text("Host: hello")

    choose(two.ada, "hello", "Delete")
    two.ada.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect_messages(two.guest, "This message was deleted.", "hi yourself")
    expect(row(two.guest, "hi yourself").locator(".message__quote")).to_have_text("Host: This message was deleted.")


def test_a_chat_opens_with_less_than_a_hundred_kilobytes(two: Two, open_browser: OpenBrowser):
    for number in range(10):
        write(two.ada, f"a message of the usual length, such as people write to each other, number {number}")
    expect(messages(two.guest)).to_have_count(10)

    # What comes through a service worker is counted as it was unpacked.
    who = two.guest.context.storage_state()
    page = open_browser(**PHONE, storage_state=who, service_workers="block").new_page()
    page.goto(two.guest.url)
    expect_online(page)

    assert 30_000 < page.evaluate(WEIGHT_BYTES) < 100_000


def test_who_types_is_shown_and_who_read_too(two: Two):
    two.ada.get_by_label("Message", exact=True).press_sequentially("Hm")
    expect(two.guest.get_by_text("Host is typing…")).to_be_visible()

    write(two.ada, "Hm, well")

    expect(two.guest.get_by_text("Host is typing…")).to_be_hidden()
    expect(row(two.ada, "Hm, well").locator(".message__state")).to_have_attribute("data-state", "read")


def test_a_text_is_shown_as_typed_and_only_addresses_become_links(two: Two):
    text = "<script>alert(1)</script>\nСәлем 👋🏽 مرحبا see https://example.org/a_(b)."

    write(two.guest, text)

    expect_messages(two.ada, text)
    link = messages(two.ada).get_by_role("link")
    expect(link).to_have_text("https://example.org/a_(b)")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_what_is_written_while_away_is_sent_once_and_what_happened_meanwhile_arrives(two: Two):
    write(two.ada, "first")
    expect_messages(two.guest, "first")

    fall_asleep(two.guest)
    write(two.guest, "written away")
    expect(row(two.guest, "written away")).to_have_class(re.compile("message--pending"))
    write(two.ada, "second")
    choose(two.ada, "first", "Edit")
    write(two.ada, "first, edited")
    expect_messages(two.ada, "first, edited", "second")
    wake_up(two.guest)

    for page in (two.ada, two.guest):
        expect_messages(page, "first, edited", "second", "written away")


def test_a_draft_and_an_unsent_message_survive_a_reload(two: Two):
    fall_asleep(two.guest)
    write(two.guest, "unsent")
    two.guest.get_by_label("Message", exact=True).fill("half a thought")

    two.guest.reload()

    expect(two.guest.get_by_label("Message", exact=True)).to_have_value("half a thought")
    for page in (two.ada, two.guest):
        expect_messages(page, "unsent")


def test_a_menu_closes_when_one_turns_elsewhere(two: Two):
    write(two.ada, "hello")
    message = row(two.ada, "hello")
    message.hover()

    message.locator("summary").click()
    expect(message.get_by_role("link", name="Edit")).to_be_visible()
    two.ada.keyboard.press("Escape")
    expect(message.get_by_role("link", name="Edit")).to_be_hidden()

    message.locator("summary").click()
    two.ada.get_by_role("log").click(position={"x": 5, "y": 5})
    expect(message.get_by_role("link", name="Edit")).to_be_hidden()


def test_two_tabs_of_one_person_show_the_same_once(two: Two):
    other_tab = two.ada.context.new_page()
    other_tab.goto(two.ada.url)
    expect_online(other_tab)

    write(other_tab, "from the other tab")
    write(two.ada, "from this tab")

    expect(messages(two.guest)).to_have_count(2)
    as_stored = messages(two.guest).all_inner_texts()
    assert set(as_stored) == {"from the other tab", "from this tab"}
    for page in (two.ada, other_tab):
        expect_messages(page, *as_stored)


def test_the_list_counts_what_is_unread_and_another_tab_that_reads_clears_it(two: Two):
    listing = two.ada.context.new_page()
    fall_asleep(two.ada)
    listing.goto("/chats")
    expect_online(listing)

    write(two.guest, "one")
    write(two.guest, "two")
    expect(listing.locator(".chat-list__count")).to_have_text("2")
    expect(listing.locator(".chat-list__preview")).to_have_text("Bota: two")
    wake_up(two.ada)

    expect(listing.locator(".chat-list__unread")).to_be_hidden()


def test_who_is_removed_sees_it_and_hears_nothing_more(two: Two):
    write(two.ada, "before")
    expect_messages(two.guest, "before")

    panel = two.ada.context.new_page()
    panel.goto(f"{two.ada.url}/settings")
    panel.get_by_label("What to do about Bota").click()
    panel.get_by_role("button", name="Remove from the chat").click()

    expect(two.guest.get_by_text("You are no longer in this chat.")).to_be_visible()
    expect(two.guest.get_by_label("Message", exact=True)).to_be_hidden()
    write(two.ada, "after")
    expect_messages(two.ada, "before", "after")
    expect_messages(two.guest, "before")


def test_earlier_messages_come_in_place_and_new_ones_wait_below(two: Two):
    composer = two.ada.get_by_label("Message", exact=True)
    for number in range(60):
        composer.fill(f"message {number}")
        composer.press("Enter")
    expect(messages(two.guest)).to_have_count(60)
    two.guest.reload()
    expect_online(two.guest)
    expect(messages(two.guest).last).to_be_in_viewport()

    two.guest.get_by_role("log").evaluate("log => { log.scrollTop = 0 }")
    expect_messages(two.guest, *[f"message {number}" for number in range(60)])
    two.guest.get_by_role("log").evaluate("log => { log.scrollTop = 0 }")
    write(two.ada, "news")

    two.guest.get_by_role("button", name="To the newest 1").click()
    expect(messages(two.guest).last).to_be_in_viewport()


@pytest.mark.all_in_one
def test_what_is_typed_before_the_scripts_live_is_kept(two: Two):
    release = deeds.withhold(two.guest, "composer")
    two.guest.reload(wait_until="domcontentloaded")
    text = two.guest.get_by_label("Message", exact=True)
    text.fill("early bird")

    release()
    expect_online(two.guest)

    expect(text).to_have_value("early bird")
