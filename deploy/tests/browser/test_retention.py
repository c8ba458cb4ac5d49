"""Messages that were kept for long enough leave every screen, and everybody knows the rule."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, messages, row, write
from deploy.tests.browser.looking import look_at
from deploy.tests.browser.test_chats import save, settings_of
from deploy.tests.conftest import House

pytestmark = pytest.mark.split
# The clock of the chat's role looks every five seconds.
WITHIN_MS = 10_000


def two_days_pass(house: House, chat: UUID) -> None:
    """For what was said so far. No client can say when it said something, so the database is told."""
    assert house.stack is not None
    with psycopg.connect(house.stack.environment["DATABASE_URL"]) as connection:
        connection.execute(
            "UPDATE chat_svc_message SET created_at = created_at - interval '2 days' WHERE chat_id = %s", [chat]
        )


def test_a_rule_is_told_to_all_and_what_is_older_leaves_the_screens(two: Two, house: House, pictures: Path):
    write(two.ada, "old")
    expect_messages(two.guest, "old")
    write(two.guest, "new")
    expect_messages(two.ada, "old", "new")
    two_days_pass(house, UUID(two.ada.url.rpartition("/")[2]))
    write(two.guest, "of today")
    expect_messages(two.ada, "old", "new", "of today")

    panel = settings_of(two.ada, "For everybody")
    panel.get_by_label("Keep messages").select_option("For a day")
    save(panel, "rules")

    for page in (two.ada, two.guest):
        expect(page.get_by_role("log").get_by_text("has messages deleted after 1 day")).to_be_visible()
        expect(row(page, "old")).to_have_count(0, timeout=WITHIN_MS)
        expect(messages(page).filter(has_text="of today")).to_be_visible()
        expect(row(page, "new")).to_have_count(0)
        expect(page.locator(".timeline__day")).to_have_count(1)
    expect(panel.get_by_text("Messages here are deleted after 1 day.")).to_be_visible()
    panel.get_by_text("For everybody", exact=True).click()
    look_at(panel, pictures, "keeping")
    two.guest.goto(f"{two.guest.url}/settings")
    expect(two.guest.get_by_text("Messages here are deleted after 1 day.")).to_be_visible()
