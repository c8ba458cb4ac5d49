"""Notifications on a device: asked for by a press, encrypted on their way, shown, opened, and none for what was read.

The browser subscribes for real, at a push service of our own in the place of Google's, to which the house sends what
the browser then opens with its own keys and lays on the desk. One thing is changed on the way: the browser writes
Google's name into every address, and the house is told where our push service stands.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Route, expect

from abdre.tests.receiver import Asked, Receiver, receiver
from abdre.web_push import decoded
from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, FLAGS, PHONE, WITHIN_MS, Complaints, OpenBrowser
from deploy.tests.conftest import PUSH_SERVICE, House
from deploy.tests.desk import Desk, desk
from deploy.tests.people import an_address
from deploy.tests.push_service import PushService, push_service

pytestmark = pytest.mark.split


@pytest.fixture
def google(tmp_path: Path) -> Iterator[PushService]:
    """What stands in its place."""
    with push_service(tmp_path) as made:
        yield made


@pytest.fixture
def service(google: PushService) -> Iterator[Receiver]:
    """Where the house brings what is to be pushed."""

    def pass_on(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        google.push(asked.path.rpartition("/")[2], asked.body)
        return 201, {}, b""

    with receiver(pass_on, host=PUSH_SERVICE) as made:
        yield made


@pytest.fixture(name="desk")
def own_desk() -> Iterator[Desk]:
    with desk() as made:
        yield made


@pytest.fixture
def here(
    browser: Chromium, house: House, google: PushService, service: Receiver, desk: Desk, complaints: Complaints,
    tmp_path: Path,
) -> Iterator[BrowserContext]:  # fmt: skip
    """A browser on this very machine: workers and notifications are for secure pages alone. A whole one, for the shell
    of the other tests knows none; with a profile on disk, for one that forgets takes no subscriptions."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed: deploy/ci/deps test"
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=path,
        headless=False,
        args=["--headless=new", *FLAGS[:-1], *google.flags],
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": desk.address},
        base_url=f"http://localhost:{house.port}",
        locale="en-GB",
        extra_http_headers={"X-Forwarded-For": an_address()},
        **DESKTOP,
    )
    context.set_default_timeout(WITHIN_MS)
    context.grant_permissions(["notifications"])
    context.on("page", complaints.listen_to)
    context.route("**/push-subscriptions", lambda route: tell_ours(route, service))
    yield context
    context.close()


def tell_ours(route: Route, service: Receiver) -> None:
    """The address of the same subscription where our push service is."""
    if route.request.method != "POST":
        return route.continue_()
    told = route.request.post_data_json
    token = told["endpoint"].rpartition("/")[2]
    route.continue_(post_data={**told, "endpoint": service.url(f"/{token}", host=PUSH_SERVICE)})
    return None


def test_what_is_said_while_no_page_is_open_is_pushed_encrypted_shown_and_opened(
    here: BrowserContext, open_browser: OpenBrowser, service: Receiver, desk: Desk
):
    ada, guest = here.new_page(), open_browser(**PHONE).new_page()
    chat = started(ada, guest)
    switch_on(ada)

    ada.get_by_role("button", name="Send a test").click()
    expect(ada.get_by_text("On its way")).to_be_visible()
    until(ada, lambda: len(desk.lying) == 1)
    key = ada.evaluate("async () => (await (await fetch('/api/users/push-key')).json()).key")
    ada.goto("about:blank")
    until_seen(guest, chat, is_online=False)
    deeds.write(guest, "salem, **Ada**")
    until(guest, lambda: "Ada’s chat" in dict(desk.lying.values()))

    assert dict(desk.lying.values())["Ada’s chat"].endswith("Bota: salem, Ada")
    told = service.asked[-1]
    assert told.headers["content-encoding"] == "aes128gcm"
    assert b"salem" not in told.body
    assert_signed(told, key, audience=service.url("", host=PUSH_SERVICE))
    with here.expect_page() as opened:
        desk.press("Ada’s chat")
    ada = opened.value
    expect(ada).to_have_url(re.compile(rf"/chats/{chat}\?at=1$"))
    expect(deeds.row(ada, "salem, Ada")).to_be_in_viewport()


def test_what_is_read_is_pushed_no_more_and_a_press_leads_back_to_the_page_there_is(
    here: BrowserContext, open_browser: OpenBrowser, service: Receiver, desk: Desk
):
    ada, guest = here.new_page(), open_browser(**PHONE).new_page()
    chat = started(ada, guest)
    switch_on(ada)
    ada.goto("about:blank")
    until_seen(guest, chat, is_online=False)
    deeds.write(guest, "salem")
    until(guest, lambda: len(desk.lying) == 1)

    ada.goto(f"/chats/{chat}?at=1")
    deeds.expect_messages(ada, "salem")
    until(ada, lambda: desk.lying == {})
    until_seen(guest, chat, is_online=True)
    deeds.write(guest, "seen")
    expect(deeds.row(guest, "seen").locator(".message__state")).to_have_attribute("data-state", "read")
    put_behind(ada)
    deeds.fall_asleep(ada)
    until_seen(guest, chat, is_online=False)
    deeds.write(guest, "unseen")
    until(guest, lambda: [text.partition("\n\n")[2] for _, text in desk.lying.values()] == ["Bota: unseen"])
    assert len(service.asked) == 2
    assert not ada.evaluate("document.hasFocus()")
    desk.press("Ada’s chat")
    expect(ada).to_have_url(re.compile(rf"/chats/{chat}\?at=3$"))
    deeds.expect_messages(ada, "salem", "seen", "unseen")
    assert ada.evaluate("document.hasFocus()")

    ada.goto("/settings/notifications")
    ada.get_by_role("button", name="Switch off").click()
    expect(ada.get_by_text("Off. You are told only")).to_be_visible()
    assert ada.evaluate("navigator.serviceWorker.ready.then((one) => one.pushManager.getSubscription())") is None


def test_a_subscription_that_the_push_service_ends_is_made_anew_for_its_session_alone(
    here: BrowserContext, service: Receiver, desk: Desk
):
    page = here.new_page()
    deeds.register(page)
    switch_on(page)

    end_subscription(page, service)
    page.get_by_role("button", name="Send a test").click()
    until(page, lambda: len(desk.lying) == 1)
    assert service.asked[-1].path != "/token-1"

    # Somebody else in this browser was never asked.
    page.goto("/logout")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    deeds.register(page)
    end_subscription(page, service)
    assert page.evaluate(f"fetch('{MINE}').then((answer) => answer.json())") == {"items": []}


MINE = "/api/users/me/push-subscriptions"
# In the worker, whose own asking the test cannot meet on the way; the browser awaits what such an event waits for.
CHANGE = """
    async (ours) => {
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      const ask = self.fetch;
      self.fetch = (path, options) => {
        if (!options?.body) return ask(path, options);
        const told = JSON.parse(options.body);
        const endpoint = ours + told.endpoint.split("/").at(-1);
        return ask(path, { ...options, body: JSON.stringify({ ...told, endpoint }) });
      };
      const event = new ExtendableEvent("pushsubscriptionchange");
      let done;
      event.waitUntil = (promise) => { done = promise; };
      self.dispatchEvent(event);
      await done;
      self.fetch = ask;
    }
"""


def end_subscription(page: Page, service: Receiver) -> None:
    """As a push service does at times."""
    [worker] = page.context.service_workers
    worker.evaluate(CHANGE, service.url("/", host=PUSH_SERVICE))


def started(host: Page, guest: Page) -> str:
    """A chat of the two; its id."""
    deeds.start_a_chat(host, "Ada")
    link = host.locator("[data-url]").get_attribute("data-url") or ""
    deeds.join(guest, "/join/" + link.rpartition("/join/")[2], "Bota")
    host.wait_for_url(deeds.A_CHAT)
    return host.url.rpartition("/")[2]


def switch_on(page: Page) -> None:
    page.goto("/settings/notifications")
    expect(page.get_by_text("Off. You are told only")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("On. You are told here also")).to_be_visible()


def put_behind(page: Page) -> None:
    """Another tab stands in front of it; in tests pages think that they are looked at, unless told otherwise."""
    page.context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    page.context.new_page()


def until_seen(other: Page, chat: str, *, is_online: bool) -> None:
    """The house knows whether the other person of the chat is there."""
    until(
        other,
        lambda: other.evaluate(
            """async ([chat, isOnline]) => {
              const { items } = await (await fetch(`/api/chats/${chat}/members`)).json();
              const ids = items.map(({ user }) => user.id).filter((id) => id !== document.body.dataset.user);
              const presence = await (await fetch(`/api/users/presence?ids=${ids.join()}`)).json();
              return ids.every((id) => presence[id].online === isOnline);
            }""",
            [chat, is_online],
        ),
    )


def until(page: Page, fact: Callable[[], bool]) -> None:
    """The wait lets the browsers' own work go on."""
    for _ in range(150):
        if fact():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


def assert_signed(asked: Asked, key: str, *, audience: str) -> None:
    """By whoever the browser was told would sign."""
    scheme, token, named = asked.headers["authorization"].replace(",", "").split()
    assert (scheme, named) == ("vapid", f"k={key}")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    jwt.decode(token.removeprefix("t="), public, ["ES256"], audience=audience)
