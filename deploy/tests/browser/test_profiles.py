"""Two people watch each other's screens: who looks how, says what, wants nothing to do with whom."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.browser.deeds import (
    A_CHAT,
    expect_messages,
    expect_online,
    log_in,
    messages,
    register,
    start_a_chat,
    write,
)
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split


def picture(colour: str = "teal") -> dict[str, object]:
    file = BytesIO()
    Image.new("RGB", (300, 200), colour).save(file, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": file.getvalue()}


def person(name: str, open_browser: OpenBrowser, **options: object) -> Page:
    page = open_browser(**options).new_page()
    register(page, display_name=name)
    return page


def profile_of(page: Page) -> str:
    """The address of one's own profile, for others."""
    page.goto("/profile")
    return page.get_by_role("link", name="How others see you").get_attribute("href") or ""


@pytest.fixture
def ada(open_browser: OpenBrowser) -> Page:
    return person("Ada", open_browser, **DESKTOP)


@pytest.fixture
def bob(open_browser: OpenBrowser) -> Page:
    return person("Bob", open_browser, **PHONE)


def talk(ada: Page, bob: Page) -> str:
    """A direct chat, begun from bob's profile; both have it open. Its address."""
    ada.goto(profile_of(bob))
    ada.get_by_role("button", name="Write a message").click()
    ada.wait_for_url(A_CHAT)
    write(ada, "hello")
    bob.goto(ada.url)
    expect_messages(bob, "hello")
    for page in (ada, bob):
        expect_online(page)
    return ada.url


def card_of(page: Page, name: str) -> Locator:
    """Opened by a press on the name over their chat."""
    page.locator(".chat__head").get_by_role("link", name=name, exact=True).click()
    card = page.get_by_role("dialog", name=name)
    expect(card).to_be_visible()
    return card


def test_a_new_picture_name_and_status_appear_on_the_others_screen(ada: Page, bob: Page, pictures: Path):
    talk(ada, bob)
    write(bob, "good morning")
    card = card_of(ada, "Bob")
    expect(card.locator("img")).to_have_count(0)

    in_profile = bob.context.new_page()
    in_profile.goto("/profile")
    in_profile.get_by_label("Picture").set_input_files(picture())
    in_profile.get_by_role("button", name="Use this picture").click()
    expect(in_profile.get_by_role("status")).to_contain_text("Your picture is saved.")
    in_profile.get_by_label("Your name").fill("Bob the second")
    in_profile.get_by_label("Emoji").fill("🌿")
    in_profile.get_by_label("Status", exact=False).nth(0).fill("On leave")
    in_profile.get_by_role("button", name="Save").click()
    expect(in_profile.get_by_role("status")).to_contain_text("Your profile is saved.")
    look_at(in_profile, pictures, "profile")

    expect(card.locator("img")).to_have_js_property("naturalWidth", 256)
    expect(card.locator(".person__name")).to_contain_text("Bob the second")
    expect(card.locator(".person__status")).to_contain_text("🌿 On leave")
    expect(ada.locator(".chat-list__item img").first).to_have_js_property("naturalWidth", 64)
    expect(ada.get_by_role("log")).to_contain_text("Bob the second")
    assert Axe().run(ada).response["violations"] == []
    ada.screenshot(path=pictures / "person-card.png")

    ada.keyboard.press("Escape")
    expect(card).to_have_count(0)
    ada.goto(profile_of(bob))
    look_at(ada, pictures, "person")


@pytest.mark.all_in_one
def test_the_list_shows_who_is_here_and_who_goes_unless_they_hide_it(ada: Page, bob: Page):
    talk(ada, bob)
    ada.goto("/chats")
    dot = ada.locator(".chat-list__item .avatar")
    expect(dot).to_have_attribute("data-online", "true")

    bob.goto("about:blank")
    expect(dot).to_have_attribute("data-online", "false")
    bob.goto("/chats")
    expect(dot).to_have_attribute("data-online", "true")
    panel = bob.context.new_page()
    panel.goto("/settings/privacy")
    panel.get_by_label("Show when I am here").uncheck()
    panel.get_by_role("button", name="Save").click()

    expect(panel.get_by_text("Saved.")).to_be_visible()
    expect(dot).to_have_attribute("data-online", "false")


def test_who_wants_no_new_chats_and_not_to_be_found_is_let_be(ada: Page, bob: Page):
    profile = profile_of(bob)
    bob.goto("/settings/privacy")
    bob.get_by_label("Let others find me").uncheck()
    bob.get_by_label("Nobody new").check()
    bob.get_by_role("button", name="Save").click()
    expect(bob.get_by_text("Saved.")).to_be_visible()

    ada.goto(profile)
    ada.get_by_role("button", name="Write a message").click()

    expect(ada.get_by_role("alert")).to_contain_text("cannot")
    bob.goto("/chats")
    expect(bob.locator(".chat-list__item")).to_have_count(0)


def test_in_a_direct_chat_a_block_ends_the_talk_and_the_other_is_told_nothing(ada: Page, bob: Page):
    chat = talk(ada, bob)
    write(bob, "and another thing")

    card_of(ada, "Bob").get_by_role("button", name="Block").click()
    expect(ada.get_by_text("You have blocked this person")).to_be_visible()

    write(bob, "do you hear me?")
    expect(bob.get_by_role("log")).to_contain_text("You cannot write to this person.")
    bob.goto(profile_of(ada))
    expect(bob.get_by_text("blocked")).to_have_count(0)
    ada.goto(chat)
    expect(ada.get_by_text("A message of somebody you blocked. Show it").first).to_be_visible()
    expect(ada.get_by_text("and another thing")).not_to_be_visible()
    ada.get_by_text("A message of somebody you blocked. Show it").first.click()
    expect(ada.get_by_text("and another thing")).to_be_visible()

    ada.goto("/settings/blocked")
    ada.get_by_role("button", name="Unblock Bob").click()
    expect(ada.get_by_text("You have blocked nobody.")).to_be_visible()
    bob.goto(chat)
    write(bob, "good to hear you")
    ada.goto(chat)
    expect(messages(ada).last).to_have_text("good to hear you")


def test_looks_and_times_are_as_chosen_from_the_next_login_on(ada: Page, open_browser: OpenBrowser, pictures: Path):
    login = register_name(ada)
    ada.goto("/settings/appearance")
    look_at(ada, pictures, "appearance")
    ada.get_by_label("Dark", exact=True).check()
    ada.get_by_label("Violet", exact=True).check()
    ada.get_by_label("Enter sends").uncheck()
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator("html")).to_have_attribute("data-theme", "dark")
    ada.goto("/settings/language")
    ada.get_by_label("Time zone").select_option("Asia/Tokyo")
    look_at(ada, pictures, "language")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    for section in ("settings", "settings/notifications", "settings/privacy", "settings/blocked"):
        ada.goto(f"/{section}")
        look_at(ada, pictures, section.replace("/", "-"))

    elsewhere = open_browser(**DESKTOP).new_page()
    log_in(elsewhere, login)

    html = elsewhere.locator("html")
    for name, value in (("theme", "dark"), ("accent", "violet"), ("time-zone", "Asia/Tokyo")):
        expect(html).to_have_attribute(f"data-{name}", value)
    dark = elsewhere.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(12, 18, 19)"
    start_a_chat(elsewhere)
    elsewhere.locator(".invitation__chat").click()
    elsewhere.wait_for_url(A_CHAT)
    expect_online(elsewhere)
    field = elsewhere.get_by_role("textbox", name="Message")
    field.fill("one")
    field.press("Enter")
    expect(field).to_have_value(re.compile("^one\n"))
    field.press("Control+Enter")
    expect_messages(elsewhere, "one")


def register_name(page: Page) -> str:
    page.goto("/profile")
    text = page.get_by_text("User name:").inner_text()
    return text.partition(":")[2].strip()


def test_a_stranger_keeps_the_theme_by_the_browser_alone(desktop: Page):
    desktop.goto("/settings/appearance")
    desktop.get_by_label("High contrast").check()
    desktop.get_by_role("button", name="Save").click()

    desktop.goto("/")

    expect(desktop.locator("html")).to_have_attribute("data-theme", "contrast")
    assert Axe().run(desktop).response["violations"] == []
