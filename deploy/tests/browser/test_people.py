"""The people of a chat on somebody's screen: who comes, who goes, by what name; and what waits in another tab."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.browser.deeds import A_CHAT, CHATS, expect_messages, join, start_a_chat, write

pytestmark = pytest.mark.all_in_one


def code_for_many(page: Page) -> str:
    """The link of a code by which several people come in."""
    start_a_chat(page, "Ada")
    page.get_by_text("A code with other options").click()
    page.get_by_label("25").check()
    page.get_by_role("button", name="Make this code").click()
    link = page.locator("[data-url]").get_attribute("data-url") or ""
    page.locator(".invitation__chat").click()
    page.wait_for_url(A_CHAT)
    return link


def panel_of(page: Page) -> Page:
    panel = page.context.new_page()
    panel.goto(f"{page.url}/settings")
    expect(panel.locator(".app__main .connection")).to_have_attribute("data-state", "online")
    return panel


def people(panel: Page) -> Locator:
    return panel.locator("[data-controller=members] .people__name bdi")


def do_about(panel: Page, name: str, deed: str) -> None:
    panel.get_by_label(f"What to do about {name}").click()
    panel.get_by_role("button", name=deed).click()


def test_the_list_of_people_follows_who_comes_and_who_goes(desktop: Page, open_browser: OpenBrowser):
    link = code_for_many(desktop)
    panel = panel_of(desktop)
    guest = open_browser(**PHONE).new_page()

    join(guest, link, "<b>Bota</b>")
    expect(people(panel)).to_have_text(["Ada", "<b>Bota</b>"])
    expect(panel.locator(".chat__people")).to_have_text("2 people")
    expect(panel.locator(".avatar[data-online=true]")).to_have_count(2)

    guest.goto(f"{guest.url}/settings")
    guest.get_by_text("Leave this chat").click()
    guest.get_by_role("button", name="Leave").click()
    expect(people(panel)).to_have_text(["Ada"])


def test_somebody_who_came_while_the_panel_stood_can_be_removed_from_it_for_good(
    desktop: Page, open_browser: OpenBrowser
):
    link = code_for_many(desktop)
    panel = panel_of(desktop)
    guest = open_browser(**PHONE).new_page()
    join(guest, link, "Bota")
    expect(people(panel)).to_have_text(["Ada", "Bota"])

    panel.get_by_label("What to do about Bota").click()
    panel.get_by_role("link", name="Remove and ban").click()
    panel.get_by_role("button", name="Remove and ban").click()

    expect(people(panel)).to_have_text(["Ada"])
    guest.goto(link)
    guest.get_by_role("button", name="Join").click()
    expect(guest.get_by_role("heading", name="You cannot enter this chat")).to_be_visible()


def test_who_is_removed_while_looking_at_the_people_is_told(desktop: Page, open_browser: OpenBrowser):
    link = code_for_many(desktop)
    guest = open_browser(**PHONE).new_page()
    join(guest, link, "Bota")
    shown_to_guest = panel_of(guest)

    do_about(panel_of(desktop), "Bota", "Remove from the chat")

    expect(shown_to_guest.get_by_text("You are no longer in this chat.")).to_be_visible()
    expect(people(shown_to_guest)).to_have_count(0)
    shown_to_guest.get_by_role("link", name="To your chats").click()
    shown_to_guest.wait_for_url(CHATS)


def test_the_tab_counts_what_is_unread_and_forgets_it_when_it_is_read(desktop: Page, open_browser: OpenBrowser):
    link = code_for_many(desktop)
    guest = open_browser(**PHONE).new_page()
    join(guest, link, "Bota")
    expect(guest.locator(".connection").first).to_have_attribute("data-state", "online")
    chat = desktop.url
    desktop.goto("/sessions")
    listing = desktop.context.new_page()
    listing.goto("/chats")
    expect(listing.locator(".connection")).to_have_attribute("data-state", "online")

    write(guest, "one")
    write(guest, "two")
    expect(listing).to_have_title(re.compile(r"^\(2\) Chats"))
    desktop.goto(chat)

    expect(listing).to_have_title(re.compile("^Chats"))


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_new_name_is_chosen_from_the_menu_and_written_under_from_then_on(
    desktop: Page, open_browser: OpenBrowser, screen: dict[str, object]
):
    link = code_for_many(desktop)
    guest = open_browser(**screen).new_page()
    join(guest, link, "Bota")
    chat = guest.url

    guest.goto("/chats")
    guest.get_by_label("You and your account").click()
    guest.get_by_role("link", name="Your profile").click()
    guest.get_by_label("Your name").fill("Bota K.")
    guest.get_by_role("button", name="Save").click()
    expect(guest.get_by_text("Your profile is saved.")).to_be_visible()
    guest.goto(chat)
    write(guest, "hello")

    expect_messages(desktop, "hello")
    expect(desktop.locator(".message__sender")).to_have_text(["Bota K."])
