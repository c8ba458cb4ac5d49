"""Staff acts on a chat that it is not in: the open screens of its people change, and name no moderator."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import PHONE, InTime, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, write
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split

DELETED = "A moderator deleted this message."
Deed = Callable[..., float]


@pytest.fixture
def deed(staff: Page, two: Two) -> Deed:
    """Does the deed on the guest, or in the chat; when the button was pressed."""
    chat = re.search(r"/chats/([0-9a-f-]{36})", two.ada.url)
    assert chat is not None
    person = two.guest.locator("body").get_attribute("data-user")

    def do(name: str, button: str, *, seq: int = 1) -> float:
        staff.goto(f"/admin/deeds/{name}/?chat={chat[1]}&person={person}&seq={seq}")
        staff.get_by_label("Reason").fill("Against the rules")
        pressed = time.monotonic()
        staff.get_by_role("button", name=button, exact=True).click()
        return pressed

    return do


def test_a_message_is_deleted_before_everyones_eyes(two: Two, staff: Page, deed: Deed, in_time: InTime, pictures: Path):
    write(two.guest, "a bad joke")
    expect_messages(two.ada, "a bad joke")

    pressed = deed("delete-message", "Delete")

    for page in (two.ada, two.guest):
        expect_messages(page, DELETED)
    in_time("delete-message", pressed)
    two.ada.reload()
    expect_messages(two.ada, DELETED)
    notice = two.guest.get_by_text("Moderators deleted what you wrote")
    expect(notice.first).to_be_visible()
    staff.go_back()
    look_at(staff, pictures, "deed-delete-message")


def test_who_is_silenced_reads_until_when_and_writes_again(two: Two, deed: Deed, in_time: InTime, pictures: Path):
    composer, said = two.guest.locator(".composer"), two.guest.get_by_text(re.compile(r"^You may not write here until"))

    pressed = deed("silence", "Silence")
    expect(said).to_be_visible()
    expect(composer).to_be_hidden()
    in_time("silence", pressed)
    expect(two.ada.locator(".composer")).to_be_visible()
    two.guest.reload()
    expect(said).to_be_visible()
    look_at(two.guest, pictures, "silenced")
    two.guest.set_viewport_size(PHONE["viewport"])

    pressed = deed("unsilence", "Let them write")
    expect(composer).to_be_visible()
    expect(said).to_be_hidden()
    in_time("unsilence", pressed)


def test_a_silence_ends_by_itself(two: Two, staff: Page, deed: Deed):
    two.guest.clock.install()
    two.guest.reload()
    expect_online(two.guest)
    deed("silence", "Silence")
    expect(two.guest.locator(".composer")).to_be_hidden()

    two.guest.clock.fast_forward("24:01:00")

    expect(two.guest.locator(".composer")).to_be_visible()


def test_a_chat_is_closed_and_opened_again(two: Two, deed: Deed, in_time: InTime):
    pressed = deed("close-chat", "Close")
    for page in (two.ada, two.guest):
        expect(page.get_by_role("log").get_by_text("A moderator closed this chat")).to_be_visible()
        expect(page.locator(".composer")).to_be_hidden()
    in_time("close-chat", pressed)

    pressed = deed("reopen-chat", "Open again")
    for page in (two.ada, two.guest):
        expect(page.get_by_role("log").get_by_text("A moderator opened this chat again")).to_be_visible()
        expect(page.locator(".composer")).to_be_visible()
    in_time("reopen-chat", pressed)
    write(two.ada, "there we are")
    expect_messages(two.guest, "A moderator closed this chat", "A moderator opened this chat again", "there we are")


def test_who_is_put_out_by_staff_sees_it_and_the_others_read_by_no_name(two: Two, deed: Deed, in_time: InTime):
    pressed = deed("ban-from-chat", "Ban from the chat")

    expect(two.guest.locator(".composer")).to_be_hidden()
    expect(two.ada.get_by_text("A moderator banned Bota")).to_be_visible()
    in_time("ban-from-chat", pressed)
