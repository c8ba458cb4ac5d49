"""What waits for approval: its author sees it wait, who decides finds it, and then everybody reads it or nobody."""

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write
from deploy.tests.browser.test_rules import choose

pytestmark = pytest.mark.split

WHEN_APPROVED = "When one of you has approved it"
GOOD, SPAM = "look at https://example.org/", "and at http://spam.example/"


def state_of(page: Page, text: str):
    return row(page, text).locator(".message__state")


def test_a_guests_link_waits_until_the_owner_approves_it_and_then_both_read_it(two: Two):
    choose(two.ada, "Guests may post links", WHEN_APPROVED)

    write(two.guest, GOOD)
    expect(state_of(two.guest, GOOD)).to_have_text("Waiting for approval")
    two.guest.reload()
    expect_online(two.guest)
    expect(state_of(two.guest, GOOD)).to_have_text("Waiting for approval")
    write(two.guest, "only words")
    expect_messages(two.ada, "only words")

    two.ada.get_by_role("link", name="Bota asks to have a message approved").click()
    two.ada.wait_for_url(re.compile("/held$"))
    write(two.guest, SPAM)
    expect(two.ada.locator(".held .later__body")).to_have_text([GOOD, SPAM])
    two.ada.get_by_role("button", name="Approve").first.click()
    expect(state_of(two.guest, GOOD)).to_have_attribute("data-state", re.compile("sent|read"))
    two.ada.get_by_role("button", name="Reject").click()

    expect(two.ada.get_by_text("Nothing waits for your approval.")).to_be_visible()
    expect(state_of(two.guest, SPAM)).to_have_text("This message was not approved.")
    two.ada.get_by_label("Back").click()
    two.ada.get_by_label("Back to the chat").click()
    expect_messages(two.ada, "only words", GOOD)
    row(two.guest, SPAM).get_by_role("button", name="Discard").click()
    expect_messages(two.guest, "only words", GOOD)
    two.guest.reload()
    expect_online(two.guest)
    expect_messages(two.guest, "only words", GOOD)
