"""What somebody wrote is sent once: offline, through reloads, by whichever tab, and never for somebody else."""

import pytest
from playwright.sync_api import expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import (
    expect_messages,
    expect_nothing_unsent,
    expect_online,
    expect_unsent,
    fall_asleep,
    row,
    start_a_chat,
    unsent,
    wake_up,
    write,
)
from deploy.tests.browser.line import Line

NO_DATABASE = """Object.defineProperty(window, "indexedDB", {
  value: { open() { throw new DOMException("forbidden", "SecurityError"); } },
});"""


@pytest.mark.all_in_one
def test_what_a_closed_tab_left_unsent_goes_once_and_in_order_from_any_page(two: Two):
    chat, browser = two.guest.url, two.guest.context
    browser.set_offline(True)
    for text in ("one", "two", "three"):
        write(two.guest, text)
        expect_unsent(two.guest, text)

    two.guest.close()
    browser.set_offline(False)
    page = browser.new_page()
    page.goto("/sessions")

    expect_messages(two.ada, "one", "two", "three")
    page.goto(chat)
    expect_messages(page, "one", "two", "three")
    expect(row(page, "three").locator(".message__state")).to_have_attribute("data-state", "read")
    expect_nothing_unsent(page)


def test_a_message_whose_ack_was_lost_is_there_once(two: Two):
    line = Line(two.guest.context)
    two.guest.reload()
    expect_online(two.guest)

    line.lose_answers()
    write(two.guest, "told by the next socket")
    expect_messages(two.ada, "told by the next socket")
    expect_unsent(two.guest, "told by the next socket")
    line.cut()
    expect_online(two.guest)
    expect(row(two.guest, "told by the next socket").locator(".message__state")).not_to_have_attribute(
        "data-state", "pending"
    )

    line.lose_answers()
    write(two.guest, "told by the page")
    expect_messages(two.ada, "told by the next socket", "told by the page")
    expect_unsent(two.guest, "told by the page")
    line.is_down = True
    two.guest.reload()
    # No socket has said anything yet: the page itself knows that it has gone through.
    expect_nothing_unsent(two.guest)
    expect_messages(two.guest, "told by the next socket", "told by the page")
    line.is_down = False
    line.cut()
    expect_online(two.guest)

    write(two.guest, "last")
    for page in (two.guest, two.ada):
        expect_messages(page, "told by the next socket", "told by the page", "last")
    expect(two.guest.locator(".message--pending")).to_have_count(0)
    expect_nothing_unsent(two.guest)


@pytest.mark.all_in_one
def test_tabs_of_one_person_share_what_waits(two: Two):
    other_tab = two.guest.context.new_page()
    other_tab.goto(two.guest.url)
    expect_online(other_tab)
    for tab in (two.guest, other_tab):
        fall_asleep(tab)

    write(two.guest, "from one tab")
    write(other_tab, "from the other")
    for tab in (two.guest, other_tab):
        expect_unsent(tab, "from one tab")
        expect_unsent(tab, "from the other")
    wake_up(other_tab)

    for page in (two.ada, other_tab):
        expect_messages(page, "from one tab", "from the other")
    for text in ("from one tab", "from the other"):
        expect(row(two.guest, text).locator(".message__state")).to_have_attribute("data-state", "sent")
    wake_up(two.guest)
    expect_messages(two.guest, "from one tab", "from the other")


@pytest.mark.all_in_one
def test_what_one_person_left_unsent_is_neither_sent_nor_shown_for_another(two: Two):
    browser, chat = two.guest.context, two.guest.url
    fall_asleep(two.guest)
    write(two.guest, "secret")
    expect_unsent(two.guest, "secret")
    assert unsent(two.guest) == ["secret"]

    browser.clear_cookies()
    other = browser.new_page()
    start_a_chat(other, "Eve")
    expect_online(other)
    expect_unsent(two.guest, "secret")
    wake_up(two.guest)

    # The server draws the page for who is signed in now: the chat is not hers.
    two.guest.wait_for_function("chat => document.querySelector('.message') === null", arg=chat)
    expect(two.guest.get_by_text("secret")).to_have_count(0)
    expect_nothing_unsent(other)
    write(two.ada, "still here")
    expect_messages(two.ada, "still here")


@pytest.mark.all_in_one
def test_logging_out_leaves_nothing_unsent_behind(two: Two):
    fall_asleep(two.guest)
    write(two.guest, "never mind")
    expect_unsent(two.guest, "never mind")

    two.guest.goto("/logout")
    two.guest.get_by_role("button", name="Log out").click()
    two.guest.wait_for_url("**/")

    expect_nothing_unsent(two.guest)


@pytest.mark.all_in_one
def test_where_the_browser_keeps_nothing_that_is_said_while_something_waits(two: Two):
    two.guest.context.add_init_script(NO_DATABASE)
    two.guest.reload()
    expect_online(two.guest)
    warning = two.guest.get_by_text("This browser keeps nothing.")

    fall_asleep(two.guest)
    write(two.guest, "only here")
    expect(warning).to_be_visible()
    wake_up(two.guest)

    expect(warning).to_be_hidden()
    expect_messages(two.ada, "only here")
