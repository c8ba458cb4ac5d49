"""Taking one's data along, and leaving: for a while, for good, and thinking better of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from deploy.ci.stack import AllInOne, plain_environment
from deploy.tests.browser.conftest import DESKTOP, NAME, PHONE, OpenBrowser
from deploy.tests.browser.deeds import (
    A_CHAT,
    CHATS,
    expect_messages,
    join,
    log_in,
    messages,
    register,
    start_a_chat,
    write,
)
from deploy.tests.browser.looking import look_at
from deploy.tests.conftest import BEHIND_AN_EDGE

DATA = "/security/data"
WELCOME_BACK = re.compile("/welcome-back")


def open_chat(page: Page) -> str:
    """A chat of theirs, in which something is said; the link of its code."""
    start_a_chat(page)
    link = page.locator("[data-url]").get_attribute("data-url") or ""
    page.locator(".invitation__chat").click()
    page.wait_for_url(A_CHAT)
    write(page, "my own words")
    expect_messages(page, "my own words")
    return link


def test_an_archive_is_asked_for_made_and_downloaded(desktop: Page, tmp_path: Path, pictures: Path):
    register(desktop, display_name="Ada")
    open_chat(desktop)
    desktop.goto("/security")
    desktop.get_by_role("link", name="Your data").click()

    desktop.get_by_role("button", name="Make an archive").click()
    download = desktop.get_by_role("link", name=re.compile("^Download the archive"))
    while not download.is_visible():
        desktop.get_by_role("link", name="Look again").click()
        desktop.wait_for_load_state()
    look_at(desktop, pictures, "data")
    with desktop.expect_download() as begun:
        download.click()
    begun.value.save_as(tmp_path / "archive.zip")

    with ZipFile(tmp_path / "archive.zip") as archive:
        assert json.loads(archive.read("profile.json"))["display_name"] == "Ada"
        assert [message["body"] for message in json.loads(archive.read("messages.json"))] == ["my own words"]


def test_who_deactivates_comes_back_by_logging_in(desktop: Page, pictures: Path):
    login = register(desktop, display_name="Ada")
    desktop.goto(DATA)

    desktop.get_by_role("button", name="Deactivate my account").click()
    expect(desktop.get_by_role("heading", name="Goodbye")).to_be_visible()
    look_at(desktop, pictures, "goodbye")
    desktop.goto("/chats")
    desktop.wait_for_url(re.compile("/login"))

    log_in(desktop, login, then=WELCOME_BACK)
    expect(desktop.get_by_role("heading", name="Welcome back")).to_be_visible()
    desktop.get_by_role("link", name="Go on").click()
    desktop.wait_for_url(CHATS)
    desktop.get_by_role("heading", name="Chats").first.wait_for()


def test_who_thinks_better_of_it_keeps_the_account(phone: Page, pictures: Path):
    login = register(phone, display_name="Ada")
    phone.goto(f"{DATA}/delete")
    look_at(phone, pictures, "delete")
    phone.get_by_role("button", name="Delete my account").click()
    expect(phone.get_by_text("What you asked for happens on")).to_be_visible()

    log_in(phone, login, then=WELCOME_BACK)
    expect(phone.get_by_role("heading", name="Your account will be deleted on")).to_be_visible()
    look_at(phone, pictures, "welcome-back")
    phone.get_by_role("link", name="Go on, and let it be deleted").click()
    phone.wait_for_url(CHATS)
    phone.goto(DATA)
    look_at(phone, pictures, "data-doomed")
    phone.get_by_role("button", name="Keep my account").click()

    expect(phone.get_by_text("Your account stays.")).to_be_visible()
    phone.context.clear_cookies()
    log_in(phone, login)


@pytest.fixture
def hasty_house() -> Iterator[AllInOne]:
    """One where nobody has time to think better of it."""
    with AllInOne({**plain_environment(), **BEHIND_AN_EDGE, "ABDRE_DELETION_GRACE_DAYS": "0"}) as process:
        yield process


@pytest.mark.all_in_one
def test_who_deletes_the_account_is_gone_from_the_screens_of_others(hasty_house: AllInOne, open_browser: OpenBrowser):
    origin = f"http://{NAME}:{hasty_house.port}"
    ada, bob = (open_browser(**size, base_url=origin).new_page() for size in (DESKTOP, PHONE))
    register(ada, display_name="Ada")
    join(bob, open_chat(ada), "Bob")
    write(bob, "his words")
    expect_messages(bob, "my own words", "his words")

    ada.goto(f"{DATA}/delete")
    ada.get_by_label("Delete them for everybody").check()
    ada.get_by_role("button", name="Delete my account").click()
    expect(ada.get_by_text("all that is known of you goes now")).to_be_visible()

    expect(bob.get_by_text("my own words")).to_have_count(0)
    expect(messages(bob).filter(has_text="his words")).to_be_visible()
    bob.reload()
    expect(bob.get_by_text("my own words")).to_have_count(0)
    expect(bob.get_by_role("log").get_by_text("Deleted account").first).to_be_visible()
