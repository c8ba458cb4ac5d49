"""Who comes and goes, as those in the chat see it: at once, after sleep, and after a reload the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, fall_asleep, wake_up, write
from deploy.tests.browser.looking import look_at

pytestmark = pytest.mark.split

# Every row of the timeline but its days, without times.
ROWS = """list => [...list.children].filter(row => row.matches('.message, .timeline__log'))
    .map(row => row.querySelector(':scope > span, .message__body').textContent)"""
EDGE = "row => row.getBoundingClientRect().bottom"


def rows(page: Page) -> list[str]:
    shown: list[str] = page.locator(".timeline__list").evaluate(ROWS)
    return shown


def expect_log(page: Page, *lines: str) -> None:
    """These lines and no others, in this order."""
    expect(page.locator(".timeline__log > span")).to_have_text(list(lines))


@pytest.fixture
def link(two: Two) -> str:
    """Of a further code into the chat of the two, for whoever comes."""
    panel = two.ada.context.new_page()
    panel.goto(f"{two.ada.url}/invitations")
    panel.get_by_label("25", exact=True).check()
    panel.get_by_role("button", name="Make this code").click()
    panel.wait_for_url(deeds.AN_INVITATION)
    found = panel.locator("[data-url]").get_attribute("data-url") or ""
    panel.close()
    return found


@pytest.fixture
def comers(open_browser: OpenBrowser) -> Iterator[Page]:
    """Pages of people who come in, one after another."""

    def opened() -> Iterator[Page]:
        while True:
            yield open_browser().new_page()

    return opened()


def test_who_comes_and_goes_stands_between_the_messages(two: Two, link: str, comers: Iterator[Page], pictures: Path):
    ada, guest = two.ada, two.guest
    for page in (ada, guest):
        expect_log(page, "Bota joined")
    for name in ("Dana", "<b>Timur</b>"):
        deeds.join(next(comers), link, name)
    for page in (ada, guest):
        expect_log(page, "Bota, Dana and 1 other joined")

    write(ada, "hello, all of you")
    expect_messages(guest, "hello, all of you")
    panel = ada.context.new_page()
    panel.goto(f"{ada.url}/settings")
    panel.get_by_label("What to do about Dana").click()
    panel.get_by_role("button", name="Remove from the chat").click()
    expect_log(guest, "Bota, Dana and 1 other joined", "Host removed Dana")
    write(guest, "oh")
    expect_messages(ada, "hello, all of you", "oh")

    fall_asleep(guest)
    deeds.join(next(comers), link, "Aigul")
    deeds.join(next(comers), link, "Mira")
    expect_log(ada, "Bota, Dana and 1 other joined", "Host removed Dana", "Aigul and Mira joined")
    wake_up(guest)
    expect_log(guest, "Bota, Dana and 1 other joined", "Host removed Dana", "Aigul and Mira joined")

    seen = ["Bota, Dana and 1 other joined", "hello, all of you", "Host removed Dana", "oh", "Aigul and Mira joined"]
    for page in (ada, guest):
        assert rows(page) == seen
        expect(page.locator(".timeline__day")).to_have_count(1)
        page.reload()
        expect_online(page)
        assert rows(page) == seen
        expect(page.locator(".timeline__day")).to_have_count(1)
    # It is nobody's news: what was said last stays what was said last, and read.
    panel.goto("/chats")
    expect(panel.locator(".chat-list__preview")).to_have_text("Bota: oh")
    expect(panel.locator(".chat-list__unread")).to_be_hidden()
    look_at(guest, pictures, "membership-log")


def test_whoever_reads_further_up_stays_there(two: Two, link: str, comers: Iterator[Page]):
    composer = two.ada.get_by_label("Message", exact=True)
    for number in range(30):
        composer.fill(f"message {number}")
        composer.press("Enter")
    expect(deeds.messages(two.guest)).to_have_count(30)
    read = deeds.row(two.guest, "message 5")
    read.evaluate("row => row.scrollIntoView({block: 'start'})")
    edge = read.evaluate(EDGE)

    deeds.join(next(comers), link, "Dana")
    expect_log(two.guest, "Bota joined", "Dana joined")

    assert read.evaluate(EDGE) == edge
    expect(two.guest.locator(".jump__count")).to_have_text("")
    assert rows(two.guest)[-1] == "Dana joined"
