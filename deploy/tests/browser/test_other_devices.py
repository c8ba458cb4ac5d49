"""The two ways to another device, each on two real browsers: the code that a phone confirms, the guest who moves."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.browser.test_screens import Shots

pytestmark = pytest.mark.split

# A code lives for half a minute.
UNTIL_THE_NEXT_MS = 45_000
COUNTING = re.compile(r"^0:[0-2]\d$")


@pytest.fixture
def mobile(open_browser: OpenBrowser) -> BrowserContext:
    return open_browser(**PHONE)


def show_code(screen: Page) -> str:
    """From the login to the code on the screen; what a camera reads there."""
    screen.goto("/login?next=/profile")
    screen.get_by_role("link", name="Log in with another device").click()
    expect(screen.locator(".device__number")).to_be_visible()
    return deeds.scan(screen)


def number_on(page: Page) -> str:
    return page.locator(".device__number").inner_text()


def test_a_new_device_shows_a_code_and_the_phone_confirms_it(desktop: Page, phone: Page, origin: str):
    name = deeds.register(phone)
    link = show_code(desktop)
    assert link.startswith(f"{origin}/device/")
    expect(desktop.locator(".countdown")).to_have_text(COUNTING)

    phone.goto(link)
    expect(phone.get_by_text(re.compile("(Chrome|HeadlessChrome).* on Linux"))).to_be_visible()
    assert number_on(phone) == number_on(desktop)
    phone.get_by_role("button", name="Yes, that is me").click()

    expect(phone.get_by_role("heading", name="Done")).to_be_visible()
    desktop.wait_for_url("**/profile")
    expect(desktop.get_by_text(f"User name: {name}")).to_be_visible()
    phone.get_by_role("link", name="Your devices").click()
    expect(phone.locator(".people__item")).to_have_count(2)


def test_a_no_on_the_phone_ends_it_on_the_screen(desktop: Page, phone: Page):
    deeds.register(phone)
    phone.goto(show_code(desktop))

    phone.get_by_role("button", name="No, decline").click()

    expect(phone.locator('[data-state="declined"]')).to_be_visible()
    expect(desktop.locator('[data-state="declined"]')).to_be_visible()
    desktop.get_by_role("link", name="Show a new code").click()
    expect(desktop.locator(".device__number")).to_be_visible()


def test_when_a_code_has_ended_the_screen_shows_the_next_and_the_phone_says_so(desktop: Page, phone: Page):
    deeds.register(phone)
    first = show_code(desktop)
    phone.goto(first)
    expect(phone.locator(".countdown")).to_have_text(COUNTING)

    expect(desktop.locator(".code__paper > img")).to_be_visible(timeout=UNTIL_THE_NEXT_MS)
    expect(phone.locator('[data-state="expired"]')).to_be_visible()
    second = deeds.scan(desktop)
    expect(desktop.locator(".countdown")).to_have_text(COUNTING)
    expect(desktop.get_by_role("status")).to_contain_text(number_on(desktop))
    phone.goto(second)

    assert second != first
    assert number_on(phone) == number_on(desktop)
    phone.get_by_role("button", name="Yes, that is me").click()
    desktop.wait_for_url("**/profile")


def test_a_screen_that_nobody_looks_at_stops_in_the_end(desktop: Page):
    """Ten codes, then it rests: here each ends at once."""
    made: list[str] = []
    desktop.on("request", lambda request: made.append(request.url) if request.url.endswith("/device-codes") else None)
    desktop.route("**/device-codes/collect", has_ended)

    show_code(desktop)

    expect(desktop.get_by_text("This code has ended.").first).to_be_visible(timeout=UNTIL_THE_NEXT_MS)
    expect(desktop.locator(".code--dead")).to_be_visible()
    expect(desktop.locator(".device__number")).to_be_hidden()
    assert len(made) == 9
    desktop.unroute("**/device-codes/collect")
    desktop.get_by_role("link", name="Show a new code").click()
    expect(desktop.locator(".code--dead")).to_have_count(0)


def has_ended(route: Route) -> None:
    route.fulfill(status=410, json={"error": {"code": "device_code_expired", "message": "It has ended."}})


def test_a_phone_that_is_not_logged_in_logs_in_and_comes_back(desktop: Page, phone: Page):
    name = deeds.register(phone)
    phone.get_by_label("You and your account").click()
    phone.get_by_role("button", name="Log out").click()
    link = show_code(desktop)

    phone.goto(link)
    expect(phone.get_by_text("Its code lives for half a minute")).to_be_visible()
    deeds.give_password(phone, name)

    phone.get_by_role("button", name="Yes, that is me").click()
    desktop.wait_for_url("**/profile")


def test_a_device_is_logged_in_without_scripts(open_browser: OpenBrowser):
    screen = open_browser(**DESKTOP, java_script_enabled=False).new_page()
    phone = open_browser(**PHONE, java_script_enabled=False).new_page()
    deeds.register(phone)
    link = show_code(screen)

    phone.goto(link)
    phone.get_by_role("button", name="Yes, that is me").click()
    expect(phone.get_by_role("heading", name="Done")).to_be_visible()
    screen.get_by_role("button", name="I have confirmed").click()

    screen.wait_for_url("**/profile")


def test_who_says_so_too_early_may_say_it_again(open_browser: OpenBrowser):
    screen = open_browser(**DESKTOP, java_script_enabled=False).new_page()
    phone = open_browser(**PHONE).new_page()
    deeds.register(phone)
    link = show_code(screen)

    screen.get_by_role("button", name="I have confirmed").click()
    expect(screen.get_by_text("has not confirmed yet")).to_be_visible()
    phone.goto(link)
    phone.get_by_role("button", name="Yes, that is me").click()
    screen.get_by_role("button", name="I have confirmed").click()

    screen.wait_for_url("**/profile")


def take_along(page: Page) -> str:
    """The guest makes the link; what a camera reads."""
    page.goto("/security")
    page.get_by_role("link", name="Take this guest to another device").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link").input_value()
    assert deeds.scan(page) == link
    return link


def test_a_guest_moves_to_another_device(desktop: Page, mobile: BrowserContext):
    """Where nobody is yet; the page of the old device hears at once that it is over there."""
    deeds.start_a_chat(desktop, "Гүлнар")
    desktop.locator(".invitation__chat").click()
    deeds.expect_online(desktop)
    deeds.write(desktop, "from the desk")
    old = desktop.context.new_page()
    link = take_along(old)
    phone = mobile.new_page()

    phone.goto(link)
    expect(phone.get_by_text("The device used until now is logged out")).to_be_visible()
    phone.get_by_role("button", name="Continue here as Гүлнар").click()
    phone.wait_for_url(deeds.CHATS)

    expect(desktop.locator(".connection").first).to_contain_text("This device was logged out. If you have moved")
    phone.get_by_role("main").locator(".chat-list__item").first.click()
    deeds.expect_messages(phone, "from the desk")
    old.goto("/chats")
    expect(old).to_have_url(re.compile("/login"))
    old.goto(link)
    expect(old.locator('[data-state="used"]')).to_be_visible()
    deeds.register(old)  # at once, though the token of the session that has ended looks good for some minutes more


def test_who_is_logged_in_there_is_asked_first(desktop: Page, mobile: BrowserContext):
    deeds.start_a_chat(desktop, "Bota")
    link = take_along(desktop)
    phone = mobile.new_page()
    name = deeds.register(phone)

    phone.goto(link)
    expect(phone.get_by_text(f"{name} is logged in here now")).to_be_visible()
    phone.get_by_role("button", name="Continue here as Bota").click()

    phone.wait_for_url(deeds.CHATS)
    expect(phone.locator(".chat-list__item")).to_have_count(1)


def test_the_guest_s_own_browser_is_told_where_the_link_belongs(desktop: Page):
    deeds.start_a_chat(desktop, "Bota")
    link = take_along(desktop)

    desktop.goto(link)

    expect(desktop.get_by_role("heading", name="You are here already")).to_be_visible()


SIZES: list[dict[str, Any]] = [
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
]
IN_APP = "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 Instagram 334.0"


@pytest.mark.all_in_one
@pytest.mark.parametrize("size", SIZES, ids=["phone-light", "desktop-dark"])
def test_the_screens_are_good(open_browser: OpenBrowser, pictures: Path, request: pytest.FixtureRequest, size: Any):
    screen, member, guest = (open_browser(**size).new_page() for _ in range(3))
    inside = open_browser(**size, user_agent=IN_APP).new_page()
    shots = Shots(pictures, request.node.callspec.id)

    deeds.register(member)
    screen.goto("/login")
    shots.take(screen, "device-login")
    link = show_code(screen)
    shots.take(screen, "device-code")
    member.goto(link)
    shots.take(member, "device-confirm")
    member.get_by_role("button", name="Yes, that is me").click()
    expect(member.get_by_role("heading", name="Done")).to_be_visible()
    shots.take(member, "device-done")
    member.goto(link.replace("/device/", "/device/x"))
    shots.take(member, "device-unknown")
    for path in ("/security", "/security/another-device"):
        member.goto(path)
        shots.take(member, path.rpartition("/")[2])
    deeds.start_a_chat(guest, "Гүлнар")
    invitation = guest.locator("[data-url]").get_attribute("data-url") or ""
    guest.goto("/security/recovery-link")
    shots.take(guest, "recovery")
    recover = take_along(guest)
    shots.take(guest, "recovery-link")
    member.goto(recover)
    shots.take(member, "recover")
    inside.goto(invitation)
    shots.take(inside, "in-app-join")
    deeds.join(inside, invitation, "Bota")
    inside.goto("/security")
    shots.take(inside, "in-app-guest")

    assert shots.faults == []
