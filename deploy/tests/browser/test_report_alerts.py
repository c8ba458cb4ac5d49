"""Somebody reports; the staff's open pages say so at once, in the administration as among the chats."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, write
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split

WITHIN_MS = 2_000
QUEUE = re.compile(r"/admin/chat_svc/report/")


def report(page: Page, seq: int) -> float:
    """When the button was pressed."""
    page.goto(f"{page.url.partition('?')[0].partition('/messages')[0]}/messages/{seq}/report")
    page.get_by_label("Insults or harassment").check()
    pressed = time.monotonic()
    page.get_by_role("button", name="Report").click()
    return pressed


def waiting(page: Page) -> int:
    """As the page says itself; the house is not ours alone."""
    with page.expect_response(re.compile(r"/api/chats/reports/waiting")) as asked:
        page.reload()
    count: int = asked.value.json()["waiting"]
    return count


def test_a_report_is_told_on_every_open_page_of_the_staff_and_leads_to_the_queue(
    two: Two, staff: Page, pictures: Path, capsys: pytest.CaptureFixture[str]
):
    write(two.ada, "a bad joke")
    write(two.ada, "another")
    expect_messages(two.guest, "a bad joke", "another")
    admin, chats = staff, staff.context.new_page()
    chats.goto("/chats")
    admin.goto("/admin/user_svc/user/")
    before = waiting(chats)
    assert waiting(admin) == before

    pressed = report(two.guest, 1)

    said = f"{before + 1} report" + ("" if before == 0 else "s")
    header = admin.locator(".admin-header__words")
    expect(header).to_have_text(said, timeout=WITHIN_MS)
    expect(admin).to_have_title(re.compile(rf"^\({before + 1}\) "))
    took = time.monotonic() - pressed
    with capsys.disabled():
        print(f"\nfrom the press to the staff's header: {took:.2f} s")
    assert took < WITHIN_MS / 1000
    notice = admin.get_by_role("status").filter(has_text="There is a new report")
    expect(notice).to_be_visible()
    expect(chats.get_by_role("status").filter(has_text="There is a new report")).to_be_visible()
    look_at(admin, pictures, "report-alert-admin")

    chats.get_by_label("You and your account").click()
    expect(chats.get_by_role("link", name="Reports")).to_contain_text(str(before + 1))
    look_at(chats, pictures, "report-alert-chats")

    report(two.guest, 2)
    expect(header).to_have_text(f"{before + 2} reports", timeout=WITHIN_MS)
    expect(notice).to_have_count(1)  # one line for all of them
    notice.get_by_role("link").click()
    admin.wait_for_url(QUEUE)
    expect(admin.get_by_role("heading", name="Reports", exact=True)).to_be_visible()

    for page in (two.ada, two.guest):  # who is no staff is told nothing, and has no way there
        expect(page.get_by_text("There is a new report")).to_have_count(0)
        assert page.locator('a[href^="/admin/"]').count() == 0
