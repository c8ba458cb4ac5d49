"""What staff does to somebody is told on their screen at once: a warning to put away, the end of an account."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser, Two
from deploy.tests.browser.deeds import (
    expect_messages,
    give_password,
    log_in,
    register,
    write,
)
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split

WITHIN_S = 2.0


def id_of(page: Page) -> str:
    return page.locator("body").get_attribute("data-user") or ""


def do(staff: Page, deed: str, reason: str, *also: str, **about: str) -> float:
    """When the button was pressed."""
    staff.goto(f"/admin/deeds/{deed}/?" + "&".join(f"{name}={value}" for name, value in about.items()))
    staff.get_by_label("Reason").fill(reason)
    for wish in also:
        staff.get_by_label(wish).check()
    pressed = time.monotonic()
    staff.locator("main button, #content button[type=submit]").first.click()
    return pressed


def test_a_warning_stands_above_the_chat_until_it_is_read(two: Two, staff: Page, pictures: Path):
    write(two.guest, "you are all fools")

    pressed = do(staff, "warn", "Please be kind.\nThis is the first warning.", person=id_of(two.guest))

    warning = two.guest.get_by_role("region", name="From the moderators")
    expect(warning).to_contain_text("A warning from the moderators")
    assert time.monotonic() - pressed < WITHIN_S
    expect(warning).to_contain_text("Please be kind.")
    expect(two.guest.get_by_label("Message", exact=True)).to_be_in_viewport()
    look_at(two.guest, pictures, "staff-notice-chat")
    expect(two.ada.get_by_role("region", name="From the moderators")).to_be_hidden()

    two.guest.reload()  # the first paint has it, too
    expect(warning).to_contain_text("Please be kind.")
    warning.get_by_role("button", name="I have read it").click()
    expect(warning).to_be_hidden()

    two.guest.goto("/notices")
    expect(two.guest.get_by_role("listitem").filter(has_text="Please be kind.")).to_be_visible()
    look_at(two.guest, pictures, "staff-notices")


def test_without_scripts_a_button_puts_it_away(open_browser: OpenBrowser, staff: Page, pictures: Path):
    page = open_browser(**DESKTOP).new_page()
    name = register(page)
    do(staff, "warn", "Please be kind.", person=id_of(page))
    plain = open_browser(**DESKTOP, java_script_enabled=False).new_page()
    log_in(plain, name)
    plain.screenshot(path=pictures / "notice-chats-1280.png")

    plain.get_by_role("button", name="I have read it").click()

    expect(plain.get_by_text("Please be kind.")).to_be_hidden()
    assert plain.url.endswith("/chats")


def test_who_is_banned_with_the_code_reads_why_and_so_does_its_host(two: Two, staff: Page, pictures: Path):
    write(two.guest, "you are all fools")
    expect_messages(two.ada, "you are all fools")
    chat = two.guest.url.rpartition("/")[2]

    pressed = do(staff, "ban", "Insults, again.", "And the code", person=id_of(two.guest), chat=chat)

    closed = two.guest.get_by_role("heading", name="Your account is closed")
    expect(closed).to_be_visible()
    assert time.monotonic() - pressed < WITHIN_S
    expect(two.guest.get_by_text("The moderators say: Insults, again.")).to_be_visible()
    assert two.guest.get_by_text("you are all fools").count() == 0
    look_at(two.guest, pictures, "account-closed")

    two.guest.reload()
    two.guest.wait_for_url("**/login?next=*")
    expect(two.ada.get_by_role("region", name="From the moderators")).to_contain_text("Moderators revoked your code")


def test_who_is_banned_and_logs_in_again_reads_why(open_browser: OpenBrowser, staff: Page, pictures: Path):
    page = open_browser(**PHONE).new_page()
    name = register(page)

    do(staff, "ban", "Spam.", person=id_of(page))

    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    page.goto("/login")
    give_password(page, name, "not the password")
    expect(page.get_by_role("alert")).not_to_contain_text("Spam.")
    give_password(page, name)
    expect(page.get_by_role("alert")).to_contain_text("The moderators say: Spam.")
    page.screenshot(path=pictures / "login-closed-390.png")
