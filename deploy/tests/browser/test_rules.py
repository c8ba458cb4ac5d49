"""Who may do what in a chat, as both screens feel it: what guests post, newcomers read, who manages, and the end."""

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, join, register, row, write
from deploy.tests.browser.test_chats import save, settings_of, start_a_group
from deploy.tests.browser.test_people import code_for_many

pytestmark = pytest.mark.all_in_one


def set_rule(page: Page, label: str, *, is_on: bool) -> None:
    panel = settings_of(page, "For everybody")
    panel.get_by_label(label).set_checked(is_on)
    save(panel, "rules")
    panel.close()


def choose(page: Page, label: str, answer: str) -> None:
    panel = settings_of(page, "For everybody")
    panel.get_by_label(label).select_option(answer)
    save(panel, "rules")
    panel.close()


def test_links_and_files_of_guests_are_refused_where_the_chat_says_so(two: Two, tmp_path: Path):
    notes = tmp_path / "notes.txt"
    notes.write_text("tea")
    for label in ("Guests may post links", "Guests may post files"):
        choose(two.ada, label, "No")

    write(two.guest, "look at https://example.org/")
    expect(two.guest.get_by_text("Guests post no links in this chat.")).to_be_visible()
    two.guest.locator("[data-files]").set_input_files(notes)
    expect(two.guest.get_by_text("Guests cannot send files in this chat.")).to_be_visible()
    two.guest.get_by_role("button", name="Take this file out").click()
    write(two.guest, "only words, then")

    expect_messages(two.ada, "only words, then")
    choose(two.ada, "Guests may post links", "Yes")
    write(two.guest, "at last: https://example.org/")
    expect(row(two.ada, "at last: https://example.org/").get_by_role("link", name="example.org")).to_be_visible()


def test_newcomers_read_what_was_said_before_only_where_they_may(desktop: Page, open_browser: OpenBrowser):
    link = code_for_many(desktop)
    expect_online(desktop)
    write(desktop, "before")
    set_rule(desktop, "Newcomers read what was said before", is_on=False)

    bota = open_browser(**PHONE).new_page()
    join(bota, link, "Bota")
    expect_online(bota)
    write(desktop, "after")
    expect_messages(bota, "after")
    bota.reload()
    expect_messages(bota, "after")

    set_rule(desktop, "Newcomers read what was said before", is_on=True)
    dana = open_browser(**PHONE).new_page()
    join(dana, link, "Dana")
    expect_messages(dana, "before", "after")


def test_who_is_added_by_name_and_made_admin_sees_it_and_manages_the_chat(open_browser: OpenBrowser):
    ada, bob = open_browser(**DESKTOP).new_page(), open_browser(**PHONE).new_page()
    register(ada, display_name="Ada")
    name = f"Bob {register(bob)}"
    bob.goto("/profile")
    bob.get_by_label("Your name").fill(name)
    bob.get_by_role("button", name="Save").click()
    bob.goto("/chats")
    expect_online(bob)
    start_a_group(ada)

    panel = settings_of(ada, "Add somebody by name")
    panel.get_by_label("Name", exact=True).fill(name)
    panel.get_by_role("button", name="Look for them").click()
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.locator("[data-controller=members] .people__name bdi")).to_have_text(["Ada", name])
    bob.locator(".chat-list__item").click()
    expect_online(bob)
    write(bob, "here I am")
    expect_messages(ada, "here I am")
    bob.goto(f"{bob.url}/settings")
    expect(bob.get_by_text("For everybody", exact=True)).to_have_count(0)

    panel.get_by_label(f"What to do about {name}").click()
    panel.get_by_role("button", name="Make admin").click()
    expect(bob.locator(f'[data-role="admin"] bdi:text-is("{name}")')).to_be_visible()
    bob.goto(bob.url.removesuffix("/settings"))
    expect_online(bob)
    set_rule(bob, "Only those who manage this chat write", is_on=True)

    expect(ada.get_by_role("log").get_by_text("lets only those write who manage this chat")).to_be_visible()
    write(bob, "I still may")
    expect(row(ada, "I still may")).to_be_visible()


def test_a_chat_that_ends_says_when_on_both_screens_and_is_closed_on_both_at_once(two: Two):
    for page in (two.ada, two.guest):
        ends = page.locator(".chat__ends")
        expect(ends).to_be_visible()
        at = dt.datetime.fromisoformat(ends.get_attribute("datetime") or "")
        assert at > dt.datetime.now(dt.UTC)
    write(two.ada, "goodbye")

    panel = settings_of(two.ada, "Close this chat")
    panel.get_by_role("button", name="Close").click()

    for page in (two.ada, two.guest):
        expect(page.get_by_text("This chat is over.").first).to_be_visible()
        expect(page.get_by_label("Message", exact=True)).to_be_hidden()
        expect_messages(page, "goodbye")


def test_a_day_is_gone_to_from_the_settings(two: Two):
    composer = two.ada.get_by_label("Message", exact=True)
    for number in range(60):
        composer.fill(f"message {number}")
        composer.press("Enter")
    expect(row(two.guest, "message 59")).to_be_visible()

    panel = two.guest
    panel.goto(f"{two.guest.url}/settings")
    panel.get_by_text("Go to a day", exact=True).click()
    panel.get_by_label("Day").fill(panel.evaluate("new Date().toISOString().slice(0, 10)"))
    panel.get_by_role("button", name="Show it").click()

    panel.wait_for_url(re.compile(r"\?at=1$"))
    expect(row(panel, "message 0")).to_be_in_viewport()
