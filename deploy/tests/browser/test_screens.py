"""Every main screen, narrow and wide, light and dark: fits, reads, and gives axe nothing to say."""

from pathlib import Path
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import OpenBrowser
from deploy.tests.conftest import House

pytestmark = pytest.mark.all_in_one
SIZES = {360: 740, 390: 844, 1280: 800}
# The narrowest is there for what does not fit, which no colour changes.
LOOKS = [(360, "light"), (390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_screens_are_good(open_browser: OpenBrowser, house: House, pictures: Path, width: int, scheme: str):
    size = {"viewport": {"width": width, "height": SIZES[width]}, "color_scheme": scheme}
    host, guest = open_browser(**size).new_page(), open_browser(**size).new_page()
    shots = Shots(pictures, f"{width}-{scheme}")

    host.goto("/")
    shots.take(host, "landing")
    deeds.start_a_chat(host, "Ada")
    link = deeds.scan(host)
    shots.take(host, "code")
    guest.goto(link)
    shots.take(guest, "join")
    deeds.join(guest, link, "Гүлнар")
    host.wait_for_url(deeds.A_CHAT)
    talk(host, guest)
    shots.take(guest, "chat")
    shots.take(host, "chat-host")
    composer = guest.get_by_label("Message", exact=True)
    expect(composer).to_be_in_viewport(ratio=1)
    leave_unsent(guest)
    shots.take(guest, "chat-unsent")
    for path, name in PAGES.items():
        guest.goto(path)
        shots.take(guest, name)
    host.goto(host.url + "/settings")
    shots.take(host, "chat-settings")
    for part in ("For you", "For everybody"):
        host.get_by_text(part, exact=True).click()
    shots.take(host, "chat-settings-open")
    stand_at_the_door(host, open_browser(**size).new_page(), shots)
    guest.goto(link)
    shots.take(guest, "code-used-up")
    member = open_browser(**size).new_page()
    deeds.register(member, email=AN_ADDRESS)
    shots.take(member, "registered")
    for path, name in MEMBERS_PAGES.items():
        member.goto(path)
        shots.take(member, name)
    staff = open_browser(**size).new_page()
    deeds.log_in(staff, an_admin(house))
    staff.goto("/status")
    shots.take(staff, "status")

    assert shots.faults == []


def stand_at_the_door(host: Page, stranger: Page, shots: "Shots") -> None:
    """A code that is locked in every way; somebody before it, and what its host sees of that."""
    host.get_by_role("link", name="Invite by code").click()
    host.get_by_text("Who may come in, and how").click()
    for option in ("I let each of them in myself", "The code changes all the time"):
        host.get_by_label(option).check()
    host.get_by_label("Password of the code").fill(deeds.PASSWORD)
    host.get_by_label("Label").fill("The table by the window, second floor")
    shots.take(host, "code-options")
    host.get_by_role("button", name="Make this code").click()
    stranger.goto(host.locator("[data-url]").get_attribute("data-url") or "")
    shots.take(stranger, "join-locked")
    stranger.get_by_label("Your name").fill("Bartholomäus von und zu Wolkenstein-Trostburg der Jüngere")
    stranger.get_by_label("Password").fill(deeds.PASSWORD)
    stranger.get_by_role("button", name="Ask to come in").click()
    expect(stranger.get_by_role("heading", name="You have knocked")).to_be_visible()
    shots.take(stranger, "waiting")
    expect(host.locator(".knock")).to_be_visible()
    shots.take(host, "code-knock")
    host.goto(f"{host.url}/poster")
    shots.take(host, "poster")
    host.goto("/chats")
    expect(host.locator(".knock")).to_be_visible()
    shots.take(host, "chats-knock")
    host.get_by_role("button", name="Refuse").click()
    expect(stranger.get_by_role("heading", name="Not this time")).to_be_visible()
    shots.take(stranger, "refused")


PAGES = {
    "/scan": "scan",
    "/chats": "chats",
    "/search": "search",
    "/search?q=table": "search-hits",
    "/sessions": "sessions",
    "/security/data": "data",
    "/security/data/delete": "data-delete",
    "/welcome-back": "welcome-back",
    "/goodbye": "goodbye",
    "/reauthenticate": "account-first",
    "/security/recovery-link": "recovery-link",
    "/security/data/export": "wrong-method",
    "/profile": "profile",
    "/login": "login",
    "/register": "register",
    "/forgot": "forgot",
    "/forgot?done=1": "forgot-done",
    "/nowhere": "not-found",
    "/offline": "offline",
}


MEMBERS_PAGES = {
    "/me/code": "my-code",
    "/discover": "discover",
    "/security": "security",
    "/security/email": "email",
    "/security/password": "password",
    "/security/data/delete?messages=erase&again=1": "data-delete-again",
    "/security/recovery-link": "recovery-link-member",
    "/verify/a-key": "verify-dead",
    "/reset/a-key": "reset",
    "/reset/a-key?done=1": "reset-done",
}
# Which is not confirmed yet.
AN_ADDRESS = "ada.with.a.very.long.name.indeed@mail.of.a.long.house.example.org"


def an_admin(house: House) -> str:
    name = f"admin-{uuid4().hex[:8]}"
    house.create_admin(name, deeds.PASSWORD)
    return name


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_what_waits_and_what_is_reported_is_good(open_browser: OpenBrowser, pictures: Path, width: int, scheme: str):
    """A message waits for its time, another one is to be thought of, and one is reported."""
    size = {"viewport": {"width": width, "height": SIZES[width]}, "color_scheme": scheme}
    host, page = open_browser(**size).new_page(), open_browser(**size).new_page()
    shots = Shots(pictures, f"{width}-{scheme}")
    deeds.start_a_chat(host, "Ada")
    deeds.join(page, deeds.scan(host), "Гүлнар")
    host.wait_for_url(deeds.A_CHAT)
    deeds.write(
        host, "I am at the table by the window. See https://example.org/a/very/long/address/that/goes/on/and/on"
    )
    expect(deeds.messages(page)).to_have_count(1)
    chat = page.url
    page.goto(f"{chat}/messages/1/remind")
    shots.take(page, "remind")
    with page.expect_navigation():
        page.get_by_role("button", name="In an hour").click()
    shots.take(page, "reminders")
    page.goto(f"{chat}/messages/1/report")
    shots.take(page, "report")
    page.get_by_label("Something else").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Report").click()
    shots.take(page, "reported")
    page.goto(chat)
    page.get_by_label("Message", exact=True).fill("Ертең көрісеміз")
    page.get_by_label("Send later").click()
    shots.take(page, "send-later")
    with page.expect_navigation():
        page.get_by_role("button", name="Choose day and time").click()
    shots.take(page, "send-later-when")
    with page.expect_navigation():
        page.get_by_role("button", name="Tomorrow at 9:00").click()
    shots.take(page, "scheduled")
    with page.expect_navigation():
        page.get_by_role("link", name="Those of all chats").click()
    shots.take(page, "scheduled-all")
    assert shots.faults == []


# Axe looks at fifteen thousand elements here, for seconds each time: every width that differs and every colour once.
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_api_can_be_read(open_browser: OpenBrowser, pictures: Path, width: int, scheme: str):
    size = {"viewport": {"width": width, "height": SIZES[width]}, "color_scheme": scheme}
    page = open_browser(**size).new_page()
    shots = Shots(pictures, f"{width}-{scheme}")

    page.goto("/api/docs/")
    shots.take(page, "api")
    operation = page.get_by_text("/api/auth/invitations/accept")
    operation.click()
    expect(page.get_by_text("invitation_used_up").first).to_be_visible()
    operation.evaluate("line => line.scrollIntoView()")
    shots.take(page, "api-operation")
    page.get_by_role("link", name="Entry", exact=True).click()
    expect(page.get_by_role("heading", name="Entry", exact=True)).to_be_in_viewport()
    shots.photograph(page, "api-shapes")  # the same document, further down

    assert shots.faults == []


def talk(host: Page, guest: Page) -> None:
    """A conversation with what real ones have: long words, links, several lines, other scripts."""
    deeds.write(
        host,
        "Hi! I am at the table by the window. See https://example.org/a/very/long/address/that/goes/on/and/on/and/on",
    )
    deeds.write(guest, "Сәлем! Мен қазір келемін 🌷")
    deeds.write(host, "مرحبا، أين أنت؟")
    deeds.write(guest, "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung")
    expect(deeds.messages(host)).to_have_count(4)
    expect(deeds.messages(guest)).to_have_count(4)


def leave_unsent(page: Page) -> None:
    """One message refused, two still on their way."""
    deeds.leave_refused(page, "Ten messages in one second", "Too many tries. Please wait a little.")
    deeds.fall_asleep(page)
    deeds.write(page, "Are you there?")
    deeds.write(page, "No connection down here, and this message goes over more than one line of a phone.")
    expect(page.locator(".message--failed")).to_have_count(1)
    expect(page.locator(".message--pending")).to_have_count(2)


@pytest.mark.parametrize(("width", "scheme"), LOOKS[1:])
def test_rich_messages_are_good(open_browser: OpenBrowser, pictures: Path, width: int, scheme: str):
    size = {"viewport": {"width": width, "height": SIZES[width]}, "color_scheme": scheme}
    host, guest = open_browser(**size).new_page(), open_browser(**size).new_page()
    shots = Shots(pictures, f"{width}-{scheme}")
    deeds.start_a_chat(host, "Ada")
    deeds.join(guest, deeds.scan(host), "Гүлнар")
    host.wait_for_url(deeds.A_CHAT)
    for page, text in ((host, RICH), (guest, RICH_TOO)):
        deeds.write(page, text)
        expect(deeds.messages(guest).get_by_text("print")).to_be_visible()
    for emoji, message in (("👍", 0), ("🎉", 1), ("❤️", 0)):
        open_menu(host, message)
        host.get_by_role("button", name=emoji).last.click()
    expect(guest.locator(".reaction")).to_have_count(3)

    shots.take(guest, "chat-rich")
    shots.take(host, "chat-rich-host")
    open_menu(host, 1)
    expect(host.locator(".message__menu[open]")).to_have_css("opacity", "1")
    shots.take(host, "chat-menu")
    host.get_by_role("link", name="React").last.click()
    expect(host.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    shots.take(host, "emoji")
    host.keyboard.press("Escape")
    guest.goto(f"{guest.url}/messages/1/react")
    shots.take(guest, "react")

    assert shots.faults == []


CODE = "```python\nprint('a line of code that is longer than a phone is wide')\n```"
RICH = f"# Plan\n1. buy **tea**\n2. ~~coffee~~ `x < 1`\n\n> Who said so?\n\n{CODE}"
RICH_TOO = "_Сәлем!_ See [the list](https://example.org/list), and bring\n- cups\n  - two\n- ```\n  spoons\n  ```"


def open_menu(page: Page, number: int) -> None:
    message = page.get_by_role("log").locator(".message").nth(number)
    message.hover()
    message.locator("summary").click()


class Shots:
    """Takes the pictures and gathers what is wrong with the screens, so that one run shows it all."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder, self.suffix = folder, suffix
        self.faults: list[str] = []

    def take(self, page: Page, name: str) -> None:
        self.photograph(page, name)
        label = self.label(name)
        if deeds.overflows(page):
            self.faults.append(f"{label}: scrolls sideways")
        for violation in Axe().run(page).response["violations"]:
            places = [node["html"][:120] for node in violation["nodes"]]
            self.faults.append(f"{label}: {violation['id']}: {violation['help']}: {places}")

    def photograph(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{self.label(name)}.png")

    def label(self, name: str) -> str:
        return f"{name}-{self.suffix}"
