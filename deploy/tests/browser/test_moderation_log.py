"""What staff did stands in the log, is found there, and is taken along as a table."""

import csv
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import DESKTOP, OpenBrowser
from deploy.tests.browser.deeds import PASSWORD, log_in, start_a_chat, turn_on_app
from deploy.tests.browser.looking import look_at
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

LOG = "/admin/chat_svc/moderationentry/"


@pytest.fixture
def staff(house: House, open_browser: OpenBrowser) -> Page:
    page, name = open_browser(**DESKTOP).new_page(), f"admin-{uuid4().hex[:8]}"
    house.create_admin(name, PASSWORD)
    log_in(page, name)
    turn_on_app(page)
    return page


def guest(page: Page, name: str) -> str:
    start_a_chat(page, name)
    return page.locator("body").get_attribute("data-user") or ""


def test_a_deed_is_found_by_its_reason_and_taken_along(staff: Page, phone: Page, pictures: Path):
    person = guest(phone, "Bota")
    why = f"=1+1 {uuid4().hex}"
    for reason in (
        why,
        "Rude to others, for the second time, although asked to be kind in the chat of the whole house.",
    ):
        staff.goto(f"/admin/deeds/warn/?person={person}")
        staff.get_by_label("Reason").fill(reason)
        staff.get_by_role("button", name="Warn", exact=True).click()
        expect(staff.get_by_text("They read your warning now.")).to_be_visible()
    staff.goto(LOG)
    look_at(staff, pictures, "moderation-log")

    staff.get_by_label("Search").fill(why)
    staff.get_by_role("button", name="Show", exact=True).click()
    row = staff.get_by_role("row").filter(has_text=why)
    expect(row).to_contain_text("Bota")
    with staff.expect_download() as download:
        staff.get_by_role("button", name="Download as a table").click()
    row.get_by_role("link").first.click()
    expect(staff.get_by_role("heading", name="Warned")).to_be_visible()
    look_at(staff, pictures, "moderation-log-entry")

    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(one["reason"], one["person"], one["deed"]) for one in table] == [(f"'{why}", "Bota", "person.warned")]
    staff.goto(LOG)
    expect(staff.get_by_role("row").nth(1)).to_contain_text("Exported the log")
