"""The queue of reports under a thumb, without a script: one is taken and closed, and who reported hears of it."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser, Two
from deploy.tests.browser.deeds import PASSWORD, expect_messages, log_in, turn_on_app, write
from deploy.tests.browser.test_report_alerts import report
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

QUEUE = "/admin/chat_svc/report/"


@pytest.fixture
def staff(house: House, open_browser: OpenBrowser) -> Page:
    """At a phone that runs no scripts."""
    page, name = open_browser(**DESKTOP).new_page(), f"admin-{uuid4().hex[:8]}"
    house.create_admin(name, PASSWORD)
    log_in(page, name)
    turn_on_app(page)
    phone = open_browser(**PHONE, java_script_enabled=False)
    phone.add_cookies(page.context.cookies())
    return phone.new_page()


def test_a_report_is_read_taken_and_closed_and_who_reported_hears_of_it(two: Two, staff: Page):
    words = f"an insult {uuid4().hex[:8]}"
    write(two.ada, words)
    expect_messages(two.guest, words)
    report(two.guest, 1)
    expect(two.guest.get_by_text("Whom you reported is not told.")).to_be_visible()

    staff.goto(QUEUE)
    row = staff.get_by_role("listitem").filter(has_text=words)
    expect(staff.get_by_role("button", name="Resolve")).to_be_hidden()
    row.get_by_role("checkbox").check()
    staff.get_by_role("button", name="Take").click()
    expect(row.get_by_text("You have taken it.")).to_be_visible()

    row.get_by_role("link").click()
    expect(staff.get_by_role("heading", name="As it was when it was reported")).to_be_visible()
    expect(staff.get_by_text(words)).to_be_visible()
    staff.get_by_label("Reason").fill("warned")
    staff.get_by_role("button", name="Resolve").click()

    expect(staff.get_by_text("Resolve: 1 report.")).to_be_visible()
    staff.goto(QUEUE)
    expect(row).to_have_count(0)
    expect(two.guest.get_by_text("We have looked at what you reported.")).to_be_visible()
    expect(two.ada.get_by_text("We have looked at what you reported.")).to_have_count(0)
