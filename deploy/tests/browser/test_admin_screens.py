"""Every page of the admin, found by following its links: fits, reads, and gives axe nothing to say."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.browser.test_screens import Shots, an_admin
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

PHONE_SIZE, DESKTOP_SIZE = PHONE["viewport"], DESKTOP["viewport"]
# Axe looks once at each width and at each colour; what does not fit no colour changes.
LOOKS = [(PHONE_SIZE, "light"), (DESKTOP_SIZE, "dark")]
# One page of each kind: what differs is only which row it is about.
AN_ID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|(?<=/)\d+(?=/)")
ROWS = ("user_svc/user", "chat_svc/chat", "chat_svc/membership", "auth_svc/session", "auth_svc/invitation")
ERROR = {"message": "TypeError: nothing of that name", "file": "/static/js/chat.js", "page": "/chats"}
REPORT_ERROR = """async (report) => (await fetch("/api/auth/client-errors", {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
  },
  body: JSON.stringify(report),
})).status"""


@pytest.fixture
def staff(open_browser: OpenBrowser, house: House) -> Page:
    """An administrator who has shown a second factor, in a house where something was reported."""
    page = open_browser(**DESKTOP).new_page()
    deeds.log_in(page, an_admin(house))
    deeds.turn_on_app(page)
    return page


def something_happens(host: Page, guest: Page) -> None:
    deeds.start_a_chat(host, "Ada")
    deeds.join(guest, deeds.scan(host), "Гүлнар")
    host.wait_for_url(deeds.A_CHAT)
    deeds.write(host, "You are all fools, and I shall say so every day https://example.org/a/very/long/address/indeed")
    expect(deeds.messages(guest)).to_have_count(1)
    guest.goto(f"{guest.url}/messages/1/report")
    guest.get_by_label("Insults or harassment").check()
    with guest.expect_navigation():
        guest.get_by_role("button", name="Report").click()
    assert host.evaluate(REPORT_ERROR, ERROR) == 204


def kind_of(address: str) -> str:
    return AN_ID.sub("x", urlsplit(address).path)


def links_of(page: Page) -> list[str]:
    """To pages of the admin; what is downloaded is none."""
    found: list[str] = page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)")
    return [link for link in found if urlsplit(link).path.startswith("/admin/")]


def test_every_page_is_good(staff: Page, open_browser: OpenBrowser, pictures: Path):
    something_happens(open_browser(**DESKTOP).new_page(), open_browser(**PHONE).new_page())
    waiting = {"/admin/": "/admin/"}
    seen: set[str] = set()
    faults: list[str] = []

    while unseen := waiting.keys() - seen:
        kind = sorted(unseen)[0]
        seen.add(kind)
        faults += look(staff, pictures, kind, waiting[kind])
        for link in links_of(staff):
            waiting.setdefault(kind_of(link), link)

    assert faults == []
    assert {f"/admin/{row}/x/change/" for row in ROWS} <= seen
    assert len(seen) >= 15


def look(page: Page, pictures: Path, kind: str, address: str) -> list[str]:
    answer = page.goto(address)
    name = "admin" + kind.removeprefix("/admin").replace("/", "-").rstrip("-")
    faults = [] if answer and answer.ok else [f"{name}: {answer and answer.status}"]
    for size, scheme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is between two
        shots = Shots(pictures, f"{size['width']}-{scheme}")
        shots.take(page, name)
        faults += shots.faults
    return faults


def test_its_places_are_reached_on_a_phone_without_a_script(staff: Page, open_browser: OpenBrowser):
    phone = open_browser(**PHONE, java_script_enabled=False)
    phone.add_cookies(staff.context.cookies())
    page = phone.new_page()

    menu = page.get_by_role("navigation", name="Menu")
    page.goto("/admin/")
    for place in ("People", "Chats", "Codes"):
        page.get_by_text("Menu", exact=True).click()
        menu.get_by_role("link", name=place, exact=True).click()
        expect(page.get_by_role("heading", name=place, exact=True)).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("nobody is called so")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("There is nothing to show.")).to_be_visible()
    page.get_by_text("Menu", exact=True).click()
    menu.get_by_role("link", name="Back to the chats").click()
    page.wait_for_url(re.compile(r"/chats$"))
