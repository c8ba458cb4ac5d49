"""A guest insults, a member reports, a moderator acts; and the room changes before everybody's eyes."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, InTime, OpenBrowser
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split

WORDS = "You are all fools, and I know where you live"
DELETED = "A moderator deleted this message."


@pytest.fixture
def moderator(staff: Page, open_browser: OpenBrowser) -> Page:
    """A member whom an administrator has appointed by a click."""
    page = open_browser(**PHONE).new_page()
    name = deeds.register(page, display_name="Mira")
    staff.goto(f"/admin/user_svc/user/?q={name}")
    staff.get_by_role("link", name="Mira").click()
    staff.get_by_role("link", name="Appoint a moderator").click()
    staff.get_by_label("Reason").fill("Knows the house")
    staff.get_by_role("button", name="Appoint").click()
    expect(staff.get_by_text("They are a moderator now")).to_be_visible()
    deeds.turn_on_app(page)
    return page


@pytest.fixture
def room(open_browser: OpenBrowser) -> tuple[Page, Page, Page, str]:
    """Ada's chat with bob, a member, and a guest who came by a code that would let in more: the pages and the code."""
    ada, bob, guest = (open_browser(**size).new_page() for size in (DESKTOP, PHONE, PHONE))
    code = deeds.code_with(ada)
    deeds.register(bob, display_name="Bob")
    bob.goto(code)
    bob.get_by_role("button", name="Join as Bob").click()
    bob.wait_for_url(deeds.A_CHAT)
    deeds.join(guest, code, "Troll")
    ada.goto(guest.url)
    for page in (ada, bob, guest):
        deeds.expect_online(page)
    return ada, bob, guest, code


def report(page: Page) -> None:
    message = deeds.row(page, WORDS)
    message.locator("summary").click()
    message.get_by_role("link", name="Report").click()
    page.get_by_label("Insults or harassment").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    page.go_back()
    page.go_back()


def test_who_insults_is_reported_and_banned_with_the_code(
    moderator: Page, room: tuple[Page, Page, Page, str], desktop: Page, in_time: InTime, pictures: Path
):
    ada, bob, guest, code = room
    deeds.write(guest, WORDS)
    deeds.expect_messages(bob, WORDS)
    report(bob)
    deeds.expect_messages(bob, WORDS)

    moderator.goto("/admin/")
    moderator.get_by_role("link", name="Open reports").click()
    moderator.get_by_role("link", name="Troll").first.click()
    expect(moderator.get_by_text(WORDS).first).to_be_visible()
    report_id = re.search(r"/report/([0-9a-f-]{36})/", moderator.url)
    assert report_id is not None
    look_at(moderator, pictures, "report")
    moderator.get_by_role("link", name="Ban from everything").click()
    for wish in ("And the code", "And all they wrote"):
        moderator.get_by_label(wish, exact=True).check()
    moderator.get_by_label("Reason").fill("Threats")
    look_at(moderator, pictures, "ban")
    pressed = time.monotonic()
    moderator.get_by_role("button", name="Ban", exact=True).click()

    for page in (ada, bob):
        deeds.expect_messages(page, DELETED)
    expect(guest.get_by_text("Threats")).to_be_visible()
    in_time("ban, with the code and all that they wrote", pressed)
    look_at(guest, pictures, "banned")
    desktop.goto(code)
    expect(desktop.get_by_role("heading", name=re.compile("revoked|taken back"))).to_be_visible()

    moderator.goto(f"/admin/chat_svc/moderationentry/?q={report_id[1]}")
    look_at(moderator, pictures, "log")
    for deed in ("Read what was reported", "Banned", "Revoked a code", "Deleted messages"):
        expect(moderator.locator(".admin-table").get_by_text(deed, exact=True)).to_have_count(1)
    expect(moderator.locator(".admin-table tbody tr")).to_have_count(4)
