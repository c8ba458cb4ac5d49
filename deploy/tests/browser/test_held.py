"""What waits for approval: its author sees it wait, who decides finds it, and then everybody reads it or nobody."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write
from deploy.tests.browser.looking import look_at
from deploy.tests.browser.test_rules import choose

pytestmark = pytest.mark.split

WHEN_APPROVED = "When one of you has approved it"
GOOD, SPAM = "look at https://example.org/", "and at http://spam.example/"


def state_of(page: Page, text: str):
    return row(page, text).locator(".message__state")


def test_a_guests_link_waits_until_the_owner_approves_it_and_then_both_read_it(two: Two, pictures: Path):
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
    look_at(two.ada, pictures, "held")
    two.ada.get_by_role("button", name="Approve").first.click()
    expect(state_of(two.guest, GOOD)).to_have_attribute("data-state", re.compile("sent|read"))
    two.ada.get_by_role("button", name="Reject").click()

    expect(two.ada.get_by_text("Nothing waits for your approval.")).to_be_visible()
    expect(state_of(two.guest, SPAM)).to_have_text("This message was not approved.")
    look_at(two.guest, pictures, "held-rejected")
    two.ada.get_by_label("Back").click()
    two.ada.get_by_label("Back to the chat").click()
    expect_messages(two.ada, "only words", GOOD)
    row(two.guest, SPAM).get_by_role("button", name="Discard").click()
    expect_messages(two.guest, "only words", GOOD)
    two.guest.reload()
    expect_online(two.guest)
    expect_messages(two.guest, "only words", GOOD)


def write_until_held(page: Page, text: str) -> str:
    """What waits then: within two seconds the rule holds in every process."""
    for attempt in range(20):
        said = f"{text} {attempt}"
        write(page, said)
        expect(state_of(page, said)).to_have_attribute("data-state", re.compile("held|sent|read"))
        if state_of(page, said).get_attribute("data-state") == "held":
            return said
    raise AssertionError("the rule never came to hold")


def test_a_word_that_the_house_holds_waits_until_staff_approves_it(two: Two, staff: Page, pictures: Path):
    word = f"zanzibar{uuid4().hex[:6]}"
    staff.goto("/admin/filter/")
    staff.get_by_label("The word or the pattern").fill(word)
    staff.get_by_label("A text to try it with").fill(f"off to {word.upper()}!")
    staff.get_by_role("button", name="Try it").click()
    expect(staff.locator("section[aria-labelledby=tried]")).to_contain_text("Held")
    staff.get_by_role("button", name="Add the rule").click()
    expect(staff.get_by_role("link", name=word)).to_be_visible()
    look_at(staff, pictures, "admin-filter")

    said = write_until_held(two.guest, f"off to {word}")
    write(two.guest, "on we go")
    expect(row(two.ada, "on we go")).to_be_visible()
    expect(row(two.ada, said)).to_have_count(0)
    staff.goto("/admin/held/")
    staff.locator(".later", has_text=said).get_by_role("checkbox").check()
    look_at(staff, pictures, "admin-held")
    staff.get_by_role("button", name="Approve").click()

    expect(row(two.ada, said)).to_be_visible()
    expect(state_of(two.guest, said)).to_have_attribute("data-state", re.compile("sent|read"))
    expect(staff.get_by_text("1 message decided on.")).to_be_visible()
    staff.goto("/admin/filter/")
    staff.get_by_role("link", name=word).click()
    staff.get_by_role("button", name="Take it off").click()
    expect(staff.get_by_text("The rule is gone.")).to_be_visible()
