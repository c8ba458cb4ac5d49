"""Chats as several people and several devices see them: rules, personal wishes, public chats, handing over."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser, Two
from deploy.tests.browser.deeds import A_CHAT, expect_online, log_in, register, row, write
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split


def settings_of(page: Page, part: str) -> Page:
    """The page about the open chat, in a tab of its own."""
    panel = page.context.new_page()
    panel.goto(f"{page.url.split('?')[0]}/settings")
    expect(panel.locator(".app__main .connection")).to_have_attribute("data-state", "online")
    panel.get_by_text(part, exact=True).first.click()
    return panel


def save(panel: Page, part: str) -> None:
    with panel.expect_navigation():  # a tab that is closed before takes the question back
        panel.locator(f'[data-form="{part}"]').get_by_role("button", name="Save").click()


def start_a_group(page: Page) -> str:
    """A member starts a chat; its address."""
    page.goto("/chats")
    page.get_by_role("button", name="Start a chat").first.click()
    page.wait_for_url(re.compile("/invitations/"))
    address = page.url.split("/invitations/")[0]
    page.goto(address)
    expect_online(page)
    return address


def test_rules_of_a_chat_are_felt_on_the_other_screen_at_once(two: Two):
    composer = two.guest.get_by_label("Message", exact=True)
    panel = settings_of(two.ada, "For everybody")

    panel.get_by_label("Topic").fill("Tea and nothing else")
    panel.get_by_label("Slow mode").select_option("One hour")
    save(panel, "rules")
    expect(two.guest.locator(".chat__topic")).to_have_text("Tea and nothing else")
    write(two.guest, "one")
    expect(row(two.ada, "one")).to_be_visible()
    write(two.guest, "two")
    expect(two.guest.get_by_text("This chat is in slow mode.")).to_be_visible()
    expect(row(two.ada, "two")).to_have_count(0)

    panel.get_by_text("For everybody", exact=True).click()
    panel.get_by_label("Only those who manage this chat write").check()
    save(panel, "rules")
    expect(composer).to_be_hidden()
    expect(two.guest.get_by_text("Only those who manage this chat write here.")).to_be_visible()
    expect(two.ada.get_by_label("Message", exact=True)).to_be_visible()


def test_what_one_wants_of_a_chat_appears_on_ones_other_device(open_browser: OpenBrowser):
    here, there = open_browser(**DESKTOP).new_page(), open_browser(**PHONE).new_page()
    login = register(here)
    chats = [start_a_group(here) for _ in range(2)]
    log_in(there, login)
    expect_online(there)
    first = there.locator(f'[data-chat="{chats[0].rsplit("/", 1)[1]}"]')
    here.goto(chats[0])
    panel = settings_of(here, "For you")

    panel.get_by_label("On top of the list").check()
    panel.get_by_label("A favourite").check()
    panel.get_by_label("Mute", exact=True).select_option("For eight hours")
    save(panel, "mine")
    expect(first.get_by_text("on top")).to_be_visible()
    expect(first.get_by_text("favourite")).to_be_visible()
    expect(first.get_by_text("muted")).to_be_visible()
    expect(there.locator(".chat-list__item").first).to_have_attribute("data-pinned", "")

    panel.get_by_text("For you", exact=True).click()
    panel.get_by_label("In the archive").check()
    save(panel, "mine")
    expect(first).to_have_count(0)
    there.get_by_role("link", name="Archive").click()
    expect(first).to_be_visible()
    there.get_by_role("link", name="Favourites").click()
    expect(there.get_by_text("None of your chats is such.")).to_be_visible()  # the archive stands apart


def test_a_stranger_finds_a_public_chat_joins_it_and_is_given_it(open_browser: OpenBrowser):
    ada, bob = open_browser(**DESKTOP).new_page(), open_browser(**PHONE).new_page()
    register(ada, display_name="Ada")
    register(bob, display_name="Bob")
    start_a_group(ada)
    panel = settings_of(ada, "For everybody")
    name = f"Garden {ada.url[-6:]}"
    panel.get_by_label("Name of the chat").fill(name)
    panel.get_by_label("Public", exact=True).check()
    save(panel, "rules")

    bob.get_by_role("link", name="Find chats").click()
    bob.get_by_label("Name or topic").fill(name)
    bob.get_by_role("button", name="Look for it").click()
    bob.get_by_role("button", name=f"Join {name}").click()
    bob.wait_for_url(A_CHAT)
    expect_online(bob)
    write(bob, "here I am")
    expect(row(ada, "here I am")).to_be_visible()
    expect(panel.locator("[data-controller=members] .people__name bdi")).to_have_text(["Ada", "Bob"])

    panel.get_by_label("What to do about Bob").click()
    panel.get_by_role("link", name="Hand the chat over").click()
    expect(panel.get_by_role("heading", name="Hand the chat over to Bob?")).to_be_visible()
    panel.get_by_role("button", name="Hand the chat over").click()
    heir = panel.locator("[data-controller=members] .people__item", has_text="Bob")
    expect(heir.get_by_text("Owner")).to_be_visible()
    bob.goto(f"{bob.url}/settings")
    expect(bob.get_by_text("Close this chat")).to_be_visible()
    expect(panel.get_by_text("Close this chat")).to_be_hidden()


def test_the_list_goes_on_where_it_ends_and_can_be_narrowed(open_browser: OpenBrowser):
    page = open_browser(**DESKTOP).new_page()
    register(page)
    page.evaluate(MANY_CHATS)
    page.goto("/chats")
    items = page.locator(".chat-list__item")
    expect(items).to_have_count(50)

    items.last.scroll_into_view_if_needed()
    expect(items).to_have_count(60)

    page.get_by_role("link", name="Favourites").click()
    expect(page.get_by_text("None of your chats is such.")).to_be_visible()


MANY_CHATS = """async () => {
  const token = document.querySelector("[name=csrf-token]").content;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  for (let number = 0; number < 60; number += 1) {
    const body = JSON.stringify({ kind: "group", title: `Chat ${number}` });
    const answer = await fetch("/api/chats", { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`${answer.status}`);
  }
}"""


def a_picture() -> FilePayload:
    file = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(file, "PNG")
    return {"name": "tea.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_a_chats_picture_appears_on_the_other_screen_and_goes_again(two: Two, pictures: Path):
    bob = two.guest
    listed = two.ada.locator(".chat-list__item[aria-current] img")
    head = bob.locator(".chat__head img")
    expect(head).to_have_count(0)
    panel = settings_of(two.ada, "Picture")

    panel.get_by_label("Picture", exact=True).set_input_files(a_picture())
    panel.get_by_role("button", name="Use this picture").click()

    expect(head).to_have_js_property("naturalWidth", 64)
    expect(listed).to_have_js_property("naturalWidth", 64)
    expect(bob.get_by_role("log").get_by_text("changed the picture")).to_be_visible()
    panel.get_by_text("Picture", exact=True).first.click()
    expect(panel.locator("[data-chat-avatar] img")).to_have_js_property("naturalWidth", 256)
    look_at(panel, pictures, "chat-picture")
    look_at(bob, pictures, "chat-with-picture")

    panel.get_by_role("button", name="Remove the picture").click()

    expect(head).to_have_count(0)
    expect(listed).to_have_count(0)
    expect(bob.get_by_role("log").get_by_text("removed the picture")).to_be_visible()


def test_without_scripts_a_chats_picture_is_set_by_a_form(open_browser: OpenBrowser):
    page = open_browser(**PHONE, java_script_enabled=False).new_page()
    register(page)
    page.get_by_role("button", name="Start a chat").first.click()
    page.goto(f"{page.url.split('/invitations/')[0]}/settings")
    page.get_by_text("Picture", exact=True).first.click()

    page.get_by_label("Picture", exact=True).set_input_files(a_picture())
    page.get_by_role("button", name="Use this picture").click()

    expect(page.locator("[data-chat-avatar] img")).to_have_count(1)
    page.goto("/chats")
    expect(page.locator(".chat-list__item img")).to_be_visible()
