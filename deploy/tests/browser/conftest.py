"""Real browsers: a desktop and phones, each with cookies of its own, on a plain-http name that is not loopback.

On localhost a browser allows what it refuses on a phone in the same network (secure contexts), so the pages are opened
under a name. Debian's chromium is used: Playwright's own cannot be fetched everywhere.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from deploy.ci.jobs import ROOT
from deploy.tests.browser import deeds
from deploy.tests.conftest import House, Mode
from deploy.tests.people import an_address

NAME = "chat.house.test"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost",
]
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
WITHIN_MS = 15_000
expect.set_options(timeout=WITHIN_MS)

# What Chromium says of itself: every 4xx page is an "error" to it (which status a page has is the tests' own matter),
# on plain http it notes each header that it keeps for https, and it is sorry for sockets that a leaving page drops.
NO_COMPLAINTS = (
    "Failed to load resource",
    "Cross-Origin-Opener-Policy header has been ignored",
    "WebSocket is closed before the connection is established",
    "net::ERR_INTERNET_DISCONNECTED",  # where a test takes the network away
)

DEEDS_SHOW_WITHIN_S = 2.0

OpenBrowser = Callable[..., BrowserContext]
InTime = Callable[[str, float], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # The shell is the same engine without the windows around it: a third of the work.
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "chromium-headless-shell is not installed: deploy/ci/deps test"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def origin(house: House) -> str:
    return f"http://{NAME}:{house.port}"


@pytest.fixture(scope="session")
def pictures(mode: Mode) -> Path:
    """Where screenshots are left for people to look at."""
    folder = ROOT / ".artifacts" / "screens" / mode
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Complaints:
    """What the browsers' consoles said; a page of ours gives them no reason to."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listen_to(self, page: Page) -> None:
        page.on("pageerror", lambda problem: self.heard.append(f"{page.url}: {problem}"))
        page.on("console", self.note)

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(words in message.text for words in NO_COMPLAINTS):
            self.heard.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert not complaints.heard, "\n".join(complaints.heard)


@pytest.fixture
def open_browser(browser: Browser, origin: str, complaints: Complaints) -> Iterator[OpenBrowser]:
    """Each call is another person's browser: nothing is shared but the house."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        options = {"base_url": origin, "locale": "en-GB", "timezone_id": "Asia/Almaty", **options}
        context = browser.new_context(extra_http_headers={"X-Forwarded-For": an_address()}, **options)
        context.set_default_timeout(WITHIN_MS)
        context.on("page", complaints.listen_to)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def desktop(open_browser: OpenBrowser) -> Page:
    return open_browser(**DESKTOP).new_page()


@pytest.fixture
def phone(open_browser: OpenBrowser) -> Page:
    return open_browser(**PHONE).new_page()


@dataclass(frozen=True)
class Two:
    ada: Page
    guest: Page


@pytest.fixture
def two(open_browser: OpenBrowser) -> Two:
    """Ada, who started the chat, and a guest who came by her code; both have it open."""
    ada, guest = open_browser(**DESKTOP).new_page(), open_browser(**PHONE).new_page()
    deeds.start_a_chat(ada)
    deeds.expect_online(ada)
    deeds.join(guest, ada.locator("[data-url]").get_attribute("data-url") or "", "Bota")
    ada.wait_for_url(deeds.A_CHAT)
    for page in (ada, guest):
        deeds.expect_online(page)
    return Two(ada, guest)


@pytest.fixture
def staff(house: House, open_browser: OpenBrowser) -> Page:
    """An administrator at a desk, who has just shown a second factor."""
    page, name = open_browser(**DESKTOP).new_page(), f"admin-{uuid4().hex[:8]}"
    house.create_admin(name, deeds.PASSWORD)
    deeds.log_in(page, name)
    deeds.turn_on_app(page)
    return page


@pytest.fixture
def in_time(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> InTime:
    """To be called when the screens show what was pressed; the figure is told, and means something with `--figures`."""

    def check(what: str, pressed: float) -> None:
        took = time.monotonic() - pressed
        with capsys.disabled():
            print(f"\n{what}: {took:.2f} s from the press to the screens")
        assert took < DEEDS_SHOW_WITHIN_S or not request.config.getoption("--figures")

    return check
