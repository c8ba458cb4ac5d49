"""What is begun, waits for its moment, or is reported: as a person does it, with the others' screens beside."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import DESKTOP, OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write

pytestmark = pytest.mark.split


def text_of(page: Page):
    return page.get_by_label("Message", exact=True)


def choose(page: Page, text: str, deed: str) -> None:
    message = row(page, text)
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name=deed).click()


def another_device(page: Page, open_browser: OpenBrowser) -> Page:
    device = open_browser(**DESKTOP, storage_state=page.context.storage_state()).new_page()
    device.goto(page.url)
    expect_online(device)
    return device


def test_what_is_begun_on_one_device_goes_on_on_the_other(two: Two, open_browser: OpenBrowser):
    device = another_device(two.guest, open_browser)
    text_of(two.guest).press_sequentially("half a thought")

    expect(text_of(device)).to_have_value("half a thought")
    text_of(device).press("End")
    text_of(device).press_sequentially(", and the rest")
    device.goto("/chats")
    expect(device.locator(".chat-list__preview").first).to_have_text("half a thought, and the rest")
    expect(device.locator(".chat-list__preview").first).to_have_attribute("data-draft", "Draft:")
    two.guest.reload()
    expect(text_of(two.guest)).to_have_value("half a thought, and the rest")
    expect_online(two.guest)
    text_of(two.guest).press("Enter")

    expect_messages(two.ada, "half a thought, and the rest")
    expect(device.locator(".chat-list__preview").first).not_to_have_attribute("data-draft", "Draft:")
    expect(text_of(two.ada)).to_have_value("")


def test_what_was_to_be_sent_later_arrives_on_the_other_screen(two: Two, pictures: Path):
    text_of(two.guest).fill("good morning")
    two.guest.get_by_label("Send later").click()
    two.guest.screenshot(path=pictures / "send-later-phone.png")
    two.guest.get_by_role("button", name="Send tomorrow at 9:00").click()
    two.guest.wait_for_url(re.compile("/scheduled$"))
    two.guest.screenshot(path=pictures / "scheduled-phone.png")
    expect(two.guest.locator(".later__when")).to_contain_text(re.compile("0?9:00"))
    two.guest.get_by_role("link", name="Change").click()
    expect(two.guest.get_by_label("When")).to_have_value(re.compile("T09:00$"))  # in the zone of this browser
    two.guest.screenshot(path=pictures / "change-scheduled-phone.png")
    two.guest.get_by_label("Message", exact=True).fill("good evening")
    two.guest.get_by_role("button", name="Save").click()
    expect(two.ada.locator(".message")).to_have_count(0)

    two.guest.get_by_role("button", name="Send now").click()

    expect_messages(two.ada, "good evening")
    expect_messages(two.guest, "good evening")
    expect(text_of(two.guest)).to_have_value("")


def test_a_reminder_says_itself_and_leads_to_its_message(two: Two, pictures: Path):
    write(two.ada, "buy tea")
    expect_messages(two.guest, "buy tea")
    seq = two.guest.locator(".message").get_attribute("data-seq")
    choose(two.guest, "buy tea", "Remind me")
    expect(two.guest.get_by_role("button", name="In 20 minutes")).to_be_visible()
    two.guest.screenshot(path=pictures / "remind-phone.png")
    two.guest.go_back()
    expect_online(two.guest)
    ask_to_be_reminded_in_a_moment(two.guest, seq or "")

    notice = two.guest.locator(".due__notice")
    expect(notice).to_contain_text("Reminder: Host: buy tea")
    two.guest.screenshot(path=pictures / "reminder-phone.png")
    notice.get_by_role("link").click()
    two.guest.wait_for_url(re.compile(rf"\?at={seq}$"))
    two.guest.goto("/reminders")
    expect(two.guest.locator(".later")).to_contain_text("was due")
    two.guest.screenshot(path=pictures / "reminders-phone.png")
    two.guest.get_by_role("button", name="Done").click()
    expect(two.guest.locator(".later")).to_have_count(0)


def ask_to_be_reminded_in_a_moment(page: Page, seq: str) -> None:
    """The pages offer nothing shorter than twenty minutes."""
    page.evaluate(
        """async (seq) => {
            const chat = document.querySelector("[data-controller=chat]").dataset.chat;
            const token = document.cookie.match(/csrftoken=([^;]*)/)[1];
            const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
            const body = JSON.stringify({ at: new Date(Date.now() + 1500).toISOString() });
            await fetch(`/api/chats/${chat}/messages/${seq}/reminder`, { method: "POST", headers, body });
        }""",
        seq,
    )


def test_a_message_is_reported_and_its_author_hears_nothing(two: Two, pictures: Path):
    write(two.ada, "a bad joke")
    expect_messages(two.guest, "a bad joke")
    choose(two.guest, "a bad joke", "Report")
    two.guest.get_by_label("Insults or harassment").check()
    two.guest.get_by_label("What should they know?").fill("It hurts.")
    two.guest.screenshot(path=pictures / "report-phone.png", full_page=True)
    two.guest.get_by_role("button", name="Report").click()

    expect(two.guest.get_by_role("heading", name="Thank you.")).to_be_visible()
    write(two.ada, "still here")
    expect_messages(two.ada, "a bad joke", "still here")
