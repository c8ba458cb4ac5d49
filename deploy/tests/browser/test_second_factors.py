"""An authenticator app, recovery codes and passkeys, as people meet them; passkeys by Chromium's own virtual key.

Passkeys want a secure page: these browsers open localhost, which counts as one.
"""

import re
import time
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from abdre.tests.totp import STEP_S, code_at
from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from deploy.tests.browser.deeds import PASSWORD, set_up_app, turn_on_app
from deploy.tests.browser.test_screens import Shots
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

# Not the login's own address, which ends with it.
CHATS = re.compile(r"^[^?]+/chats$")
SECOND = re.compile(r"/login/second-factor")
ADMIN = re.compile(r"/admin/$")


@pytest.fixture
def secure(open_browser: OpenBrowser, house: House):
    """Opens browsers at an address that they trust."""

    def open_one(**options) -> Page:
        context = open_browser(base_url=f"http://localhost:{house.port}", **{**DESKTOP, **options})
        return context.new_page()

    return open_one


@pytest.fixture
def name() -> str:
    return f"ada-{uuid4().hex[:8]}"


def log_out(page: Page) -> None:
    page.goto("/chats")
    page.get_by_label("You and your account").first.click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile(r"/$"))


def show_password(page: Page, name: str) -> None:
    deeds.log_in(page, name, then=SECOND)


def show_code(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Go on").click()


def test_register_app_log_out_log_in_by_code_and_by_recovery_code(desktop: Page, name: str):
    deeds.register(desktop, username=name)
    secret, paper = turn_on_app(desktop)
    desktop.get_by_role("link", name="I have kept them").click()
    expect(desktop.get_by_text("It is on.")).to_be_visible()
    log_out(desktop)

    show_password(desktop, name)
    show_code(desktop, "000000")
    expect(desktop.get_by_text("That code is not right")).to_be_visible()
    show_code(desktop, code_at(secret, time.time() + STEP_S))  # the present one has turned the app on, and is used up
    desktop.wait_for_url(CHATS)
    log_out(desktop)

    show_password(desktop, name)
    show_code(desktop, paper[0])
    desktop.wait_for_url(CHATS)
    desktop.goto("/security")
    expect(desktop.get_by_text("9 recovery codes are left")).to_be_visible()


def test_recovery_codes_can_be_copied_and_downloaded(secure, name: str):
    page: Page = secure(permissions=["clipboard-read", "clipboard-write"])
    deeds.register(page, username=name)
    _, paper = turn_on_app(page)

    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("The codes are copied.")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("button", name="Download").click()

    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(paper)
    assert file.value.path().read_text().splitlines()[2:] == paper


def test_without_the_app_the_last_code_is_not_asked(desktop: Page, name: str):
    deeds.register(desktop, username=name)
    turn_on_app(desktop)
    desktop.goto("/security/two-step")
    desktop.get_by_role("link", name="Remove the app").click()
    expect(desktop.get_by_text("your recovery codes go too")).to_be_visible()
    desktop.get_by_role("button", name="Remove the app").click()
    expect(desktop.get_by_text("The app is removed.")).to_be_visible()
    expect(desktop.get_by_role("link", name="Set up an app")).to_be_visible()
    log_out(desktop)

    deeds.log_in(desktop, name)


# Passkeys


class Key:
    """The virtual authenticator of one page's browser."""

    def __init__(self, page: Page) -> None:
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = self.browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = answer["authenticatorId"]

    @property
    def credentials(self) -> list[object]:
        return list(self.browser.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])

    def refuse_finger(self) -> None:
        said = {"authenticatorId": self.id, "isUserVerified": False}
        self.browser.send("WebAuthn.setUserVerified", said)


def add_passkey(page: Page, name: str) -> None:
    page.goto("/security/passkeys")
    page.get_by_label("Name").last.fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_is_added_logs_in_and_is_removed(secure, name: str):
    page: Page = secure()
    key = Key(page)
    deeds.register(page, username=name)
    add_passkey(page, "Grey key")
    expect(page.locator(".recovery-codes__code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Grey key", exact=True)).to_be_visible()
    log_out(page)

    page.goto("/login?next=/chats")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(CHATS)

    page.goto("/security/passkeys")
    page.get_by_text("Rename").click()
    page.get_by_label("New name").fill("Old key")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Old key", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove Old key").click()
    expect(page.get_by_text("Old key", exact=True)).to_have_count(0)
    assert len(key.credentials) == 1
    log_out(page)
    page.goto("/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text("That passkey did not work here.")).to_be_visible()


def test_the_same_device_is_not_added_twice(secure, name: str):
    page: Page = secure()
    Key(page)
    deeds.register(page, username=name)
    add_passkey(page, "One")
    page.get_by_role("link", name="I have kept them").click()

    add_passkey(page, "Two")

    expect(page.get_by_text("There is a passkey of yours on this device already.")).to_be_visible()


def test_an_account_begins_with_a_passkey_and_without_a_password(secure, name: str):
    page: Page = secure(**PHONE)
    Key(page)
    page.goto("/register?next=/chats")
    page.get_by_label("User name").fill(name)
    page.get_by_role("button", name="Make it with a passkey").click()
    expect(page.locator(".recovery-codes__code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(CHATS)
    log_out(page)

    page.goto("/login?next=/chats")
    page.get_by_role("button", name="Log in with a passkey").click()

    page.wait_for_url(CHATS)


def test_a_taken_name_is_told_before_a_passkey_is_made(secure, name: str):
    page: Page = secure()
    key = Key(page)
    deeds.register(page, username=name)
    log_out(page)

    page.goto("/register")
    page.get_by_label("User name").fill(name)
    page.get_by_role("button", name="Make it with a passkey").click()

    expect(page.get_by_text("That user name is taken.")).to_be_visible()
    assert key.credentials == []


def test_a_passkey_passes_the_second_step(secure, name: str):
    page: Page = secure()
    Key(page)
    deeds.register(page, username=name)
    add_passkey(page, "Phone")
    expect(page.locator(".recovery-codes__code")).to_have_count(10)
    log_out(page)

    show_password(page, name)
    page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url(CHATS)


def test_without_the_finger_nobody_comes_in(secure, name: str):
    page: Page = secure()
    key = Key(page)
    deeds.register(page, username=name)
    add_passkey(page, "Phone")
    expect(page.locator(".recovery-codes__code")).to_have_count(10)
    log_out(page)
    key.refuse_finger()

    page.goto("/login")
    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_text("No passkey was shown.")).to_be_visible()


def test_on_plain_http_the_button_is_not_there_and_a_line_says_why(phone: Page):
    phone.goto("/login")

    expect(phone.get_by_text("Passkeys work on https pages only")).to_be_visible()
    expect(phone.get_by_role("button", name="Log in with a passkey")).to_be_hidden()


# The admin


def test_an_administrator_is_led_to_set_up_an_app_and_comes_in(desktop: Page, house: House, name: str):
    house.create_admin(name, PASSWORD)
    desktop.goto("/admin/")
    deeds.give_password(desktop, name)
    expect(desktop.get_by_text("Whoever administers logs in by two steps.")).to_be_visible()

    desktop.get_by_role("link", name="Set up an app").click()
    set_up_app(desktop)
    desktop.get_by_role("link", name="I have kept them").click()

    desktop.wait_for_url(ADMIN)
    expect(desktop.get_by_role("heading", name="Administration")).to_be_visible()


def test_an_administrators_older_login_is_asked_for_the_app_once(
    desktop: Page, open_browser: OpenBrowser, house: House, name: str
):
    house.create_admin(name, PASSWORD)
    deeds.log_in(desktop, name)
    other = open_browser(**DESKTOP).new_page()
    deeds.log_in(other, name)
    secret, _ = turn_on_app(other)

    desktop.goto("/admin/")
    expect(desktop.get_by_text("This login has not shown your second step yet.")).to_be_visible()
    desktop.get_by_role("textbox", name="Code").fill(code_at(secret, time.time() + STEP_S))
    desktop.get_by_role("button", name="Go on with the code").click()

    desktop.wait_for_url(ADMIN)
    desktop.reload()
    expect(desktop.get_by_role("heading", name="Administration")).to_be_visible()


# How it looks


@pytest.mark.all_in_one
@pytest.mark.parametrize(("width", "height", "scheme"), [(390, 844, "light"), (1280, 800, "dark")])
def test_the_pages_are_good(secure, pictures: Path, width: int, height: int, scheme: str, name: str):
    page: Page = secure(viewport={"width": width, "height": height}, color_scheme=scheme)
    Key(page)
    shots = Shots(pictures, f"{width}-{scheme}")

    deeds.register(page, username=name)
    page.goto("/security/two-step")
    shots.take(page, "two-step-off")
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_role("textbox", name="Code").wait_for()
    shots.take(page, "two-step-app")
    set_up_app(page)
    shots.take(page, "recovery-codes")
    page.goto("/security/two-step")
    shots.take(page, "two-step-on")
    page.get_by_role("link", name="Remove the app").click()
    shots.take(page, "two-step-remove")
    add_passkey(page, "My old grey telephone")
    expect(page.get_by_text("My old grey telephone")).to_be_visible()
    page.get_by_text("Rename").click()
    shots.take(page, "passkeys")
    page.goto("/security")
    shots.take(page, "security")
    page.goto("/reauthenticate?next=/security")
    shots.take(page, "reauthenticate")
    log_out(page)
    show_password(page, name)
    shots.take(page, "second-step")
    page.goto("/login")
    shots.take(page, "login-passkey")
    page.goto("/register")
    shots.take(page, "register-passkey")
    page.get_by_label("User name").fill(f"{name}-2")
    page.get_by_role("button", name="Make it with a passkey").click()
    page.get_by_role("link", name="I have kept them").wait_for()
    shots.take(page, "codes-without-password")
    page.goto("/security")
    shots.take(page, "security-without-password")

    assert shots.faults == []
