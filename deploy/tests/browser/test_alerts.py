"""Somebody is told of a message: by a line, a sound and the tab, where they want that and when."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.tests.browser.conftest import Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write
from deploy.tests.browser.test_chats import save

pytestmark = pytest.mark.all_in_one

# What would be heard: browsers of tests have no loudspeaker.
LISTEN = """
window.tones = 0;
OscillatorNode.prototype.start = new Proxy(OscillatorNode.prototype.start, {
  apply: (start, sound, when) => (window.tones++, Reflect.apply(start, sound, when)),
});
"""
A_RING = 2  # tones


@pytest.fixture
def away(two: Two) -> Page:
    """Bota's other tab, with the list of her chats; the chat itself is not open."""
    two.guest.context.add_init_script(LISTEN)
    two.guest.goto("/chats")
    expect_online(two.guest)
    return two.guest


def line(page: Page) -> Locator:
    return page.locator(".news-line")


def heard(page: Page, rings: int) -> None:
    page.wait_for_function("tones => window.tones >= tones", arg=rings * A_RING)
    assert page.evaluate("window.tones") == rings * A_RING


def icon(page: Page) -> str:
    """The tab's."""
    return page.locator('link[rel="icon"]').get_attribute("href") or ""


def set_mute(page: Page, chat: str, choice: str) -> None:
    """In another tab."""
    panel = page.context.new_page()
    panel.goto(f"{chat}/settings")
    panel.get_by_text("For you", exact=True).click()
    panel.get_by_label("Mute", exact=True).select_option(choice)
    save(panel, "mine")
    panel.close()


def test_a_message_elsewhere_is_told_by_a_line_a_sound_and_the_tab(two: Two, away: Page):
    plain = icon(away)

    write(two.ada, "tea?")
    expect(line(away).locator(".news-line__text")).to_have_text("Host: tea?")
    heard(away, rings=1)
    expect(away).to_have_title(re.compile(r"^\(1\) Chats"))
    marked = icon(away)
    assert marked != plain
    assert away.evaluate("async (path) => (await fetch(path)).ok", marked)

    line(away).click()
    expect_messages(away, "tea?")
    expect(away).to_have_title(re.compile(r"^[^(]"))
    assert icon(away) == plain
    write(two.ada, "with milk?")
    expect(row(two.ada, "with milk?").locator(".message__state")).to_have_attribute("data-state", "read")
    assert away.evaluate("window.tones") == 0  # since the page is another
    expect(line(away)).to_have_count(0)


def test_a_muted_chat_counts_in_the_list_and_is_silent(two: Two, away: Page):
    chat, item = two.ada.url, away.locator(".chat-list__item")
    set_mute(away, chat, "For eight hours")
    expect(item).to_have_attribute("data-muted", "")

    write(two.ada, "one")
    expect(item.locator(".chat-list__count")).to_have_text("1")
    set_mute(away, chat, "Not muted")
    expect(item).not_to_have_attribute("data-muted", "")
    write(two.ada, "two")

    expect(line(away)).to_have_text(re.compile("two$"))
    heard(away, rings=1)


def test_who_wants_to_hear_of_calls_alone_hears_of_those_and_of_calls_to_all(two: Two, away: Page):
    panel = away.context.new_page()
    panel.goto(f"{two.ada.url}/settings")
    panel.get_by_text("For you", exact=True).click()
    panel.get_by_label("Only when I am mentioned").check()
    save(panel, "mine")
    expect(away.locator(".chat-list__item")).to_have_attribute("data-notify", "mentions")

    write(two.ada, "nothing of yours")
    write(two.ada, "@Bota, tea?")
    expect(line(away)).to_have_text(re.compile("@Bota, tea"))
    expect(away).to_have_title(re.compile(r"^\(1\) Chats"))
    write(two.ada, "@all tea!")

    expect(line(away)).to_have_text(re.compile("@all tea"))
    expect(away).to_have_title(re.compile(r"^\(2\) Chats"))
    expect(away.locator(".chat-list__count")).to_have_text("3")
    heard(away, rings=2)


def test_in_hours_of_rest_nothing_rings_on_any_device_and_the_tab_still_counts(two: Two, away: Page):
    now = dt.datetime.now(ZoneInfo("Asia/Almaty"))
    hours = [f"{now + dt.timedelta(hours=off):%H:%M}" for off in (-1, 1)]
    write(two.ada, "by day")
    heard(away, rings=1)
    rest(away, *hours)

    write(two.ada, "by night")
    expect(away).to_have_title(re.compile(r"^\(2\) Chats"))
    rest(away, "", "")
    write(two.ada, "by day again")

    expect(line(away)).to_have_text(re.compile("by day again$"))
    heard(away, rings=2)


def rest(page: Page, begin: str, end: str) -> None:
    """Said on another of the person's pages."""
    panel = page.context.new_page()
    panel.goto("/settings/notifications")
    panel.get_by_label("From", exact=True).fill(begin)
    panel.get_by_label("to", exact=True).fill(end)
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Saved.")).to_be_visible()
    panel.close()
