"""Notifications on a device: asked for by a press, encrypted on their way, shown, and none for what was read.

Chromium gets its real subscriptions from Google's push service alone, which is not there in tests. So `subscribe()` is
answered by this test in the browser's place: with an address of our own push service, and keys that the test holds. All
else is as it is: the page, its worker, the house, which encrypts and signs. What the push service was sent is checked,
decrypted, and handed to the browser's own worker as a push service would.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from abdre.tests.browsers import Browser
from abdre.tests.receiver import Asked, Receiver, receiver
from abdre.web_push import decoded
from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, FLAGS, PHONE, Complaints, OpenBrowser
from deploy.tests.conftest import PUSH_SERVICE, House
from deploy.tests.people import an_address

pytestmark = pytest.mark.split

# Only what Chromium would ask Google for; what it keeps of it is kept here, for this page's life.
SUBSCRIBE = """
    (subscription) => {
      const key = "test.push";
      const made = () => {
        const kept = localStorage.getItem(key);
        if (!kept) return null;
        const unsubscribe = async () => (localStorage.removeItem(key), true);
        return { ...JSON.parse(kept), toJSON: () => JSON.parse(kept), unsubscribe };
      };
      PushManager.prototype.getSubscription = async () => made();
      PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
        if (!userVisibleOnly) throw new DOMException("", "NotAllowedError");
        localStorage.setItem("test.push.key", applicationServerKey);
        localStorage.setItem(key, JSON.stringify(subscription));
        return made();
      };
    }
"""


@pytest.fixture
def service() -> Iterator[Receiver]:
    """A push service of our own."""
    with receiver(lambda asked: (201, {}, b""), host=PUSH_SERVICE) as made:
        yield made


@pytest.fixture(scope="module")
def whole_browser(browser: Chromium) -> Iterator[Chromium]:
    """The shell of the other tests knows no notifications."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed: deploy/ci/deps test"
    whole = browser.browser_type.launch(executable_path=path, headless=False, args=["--headless=new", *FLAGS])
    yield whole
    whole.close()


@pytest.fixture
def here(whole_browser: Chromium, house: House, complaints: Complaints) -> Iterator[BrowserContext]:
    """A browser on this very machine: workers and notifications are for secure pages alone."""
    options: Any = {"base_url": f"http://localhost:{house.port}", "locale": "en-GB", **DESKTOP}
    context = whole_browser.new_context(extra_http_headers={"X-Forwarded-For": an_address()}, **options)
    context.grant_permissions(["notifications"])
    context.on("page", complaints.listen_to)
    yield context
    context.close()


def test_what_is_said_while_no_page_is_open_is_pushed_encrypted_and_shown(
    here: BrowserContext, open_browser: OpenBrowser, service: Receiver
):
    keys = Browser(service.url("/ada", host=PUSH_SERVICE))
    here.add_init_script(f"({SUBSCRIBE})({json.dumps(keys.subscription)})")
    ada, guest = here.new_page(), open_browser(**PHONE).new_page()
    chat = started(ada, guest)
    switch_on(ada)

    ada.get_by_role("button", name="Send a test").click()
    expect(ada.get_by_text("On its way")).to_be_visible()
    [test] = pushed(ada, service, keys, 1)
    key = ada.evaluate("localStorage.getItem('test.push.key')")
    ada.goto("about:blank")
    until_seen(guest, chat, is_online=False)
    deeds.write(guest, "salem, **Ada**")
    *_, told = pushed(guest, service, keys, 2)

    assert test["tag"] == "test"
    assert told == {"tag": chat, "title": "Ada’s chat", "text": "Bota: salem, Ada", "url": f"/chats/{chat}?at=1"}
    assert_signed(service.asked[-1], key, audience=service.url("", host=PUSH_SERVICE))
    ada.goto("/settings/notifications")
    deliver(ada, told)
    assert shown(ada) == [[told["title"], told["text"], chat]]

    # What she reads is told no more, and its notification is taken away.
    ada.goto(f"/chats/{chat}")
    deeds.expect_messages(ada, "salem, Ada")
    until_seen(guest, chat, is_online=True)
    until(ada, lambda: notifications(ada) == [])
    deeds.write(guest, "seen")
    expect(deeds.row(guest, "seen").locator(".message__state")).to_have_attribute("data-state", "read")
    ada.goto("about:blank")
    until_seen(guest, chat, is_online=False)
    deeds.write(guest, "unseen")
    *_, last = pushed(guest, service, keys, 3)
    assert last["text"] == "Bota: unseen"

    ada.goto("/settings/notifications")
    ada.get_by_role("button", name="Switch off").click()
    expect(ada.get_by_text("Off. You are told only")).to_be_visible()
    assert ada.evaluate("localStorage.getItem('test.push')") is None


def test_a_subscription_that_the_push_service_ends_is_made_anew_for_its_session_alone(
    here: BrowserContext, service: Receiver
):
    old, new = (Browser(service.url(path, host=PUSH_SERVICE)) for path in ("/old", "/new"))
    here.add_init_script(f"({SUBSCRIBE})({json.dumps(old.subscription)})")
    page = here.new_page()
    deeds.register(page)
    switch_on(page)

    end_subscription(here, new.subscription)
    page.get_by_role("button", name="Send a test").click()
    [test] = pushed(page, service, new, 1)
    assert test["tag"] == "test"

    # Somebody else in this browser was never asked.
    page.goto("/logout")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    deeds.register(page)
    end_subscription(here, old.subscription)
    assert page.evaluate(f"fetch('{MINE}').then((answer) => answer.json())") == {"items": []}


MINE = "/api/users/me/push-subscriptions"
# In the worker; `waitUntil` of such an event is awaited by the browser, and here by the test.
CHANGE = """
    (subscription) => {
      PushManager.prototype.subscribe = async () => ({ toJSON: () => subscription });
      const event = new ExtendableEvent("pushsubscriptionchange");
      let done;
      event.waitUntil = (promise) => { done = promise; };
      self.dispatchEvent(event);
      return done.then(() => true);
    }
"""


def end_subscription(context: BrowserContext, next_one: Any) -> None:
    """As a push service does at times."""
    [worker] = context.service_workers
    assert worker.evaluate(CHANGE, next_one)


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


def pushed(page: Page, service: Receiver, keys: Browser, count: int) -> list[Any]:
    """So many messages and no more, as the browser reads them."""
    until(page, lambda: len(service.asked) >= count)
    assert len(service.asked) == count
    return [keys.read(asked.body) for asked in service.asked]


def assert_signed(asked: Asked, key: str, *, audience: str) -> None:
    """By whoever the browser was told would sign."""
    scheme, token, named = asked.headers["authorization"].replace(",", "").split()
    assert (scheme, named) == ("vapid", f"k={key}")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    jwt.decode(token.removeprefix("t="), public, ["ES256"], audience=audience)


def deliver(page: Page, message: dict[str, Any]) -> None:
    """As a push service does, to this browser's own worker."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    line = page.context.new_cdp_session(page)
    known: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: known.extend(one["registrationId"] for one in event["registrations"]),
    )
    line.send("ServiceWorker.enable")
    until(page, lambda: bool(known))
    origin = page.evaluate("location.origin")
    data = {"origin": origin, "registrationId": known[0], "data": json.dumps(message)}
    line.send("ServiceWorker.deliverPushMessage", data)


def shown(page: Page) -> list[Any]:
    """What the browser shows, as soon as it shows anything."""
    until(page, lambda: notifications(page) != [])
    return notifications(page)


def notifications(page: Page) -> list[Any]:
    told: list[Any] = page.evaluate(
        """async () => {
          const worker = await navigator.serviceWorker.ready;
          return (await worker.getNotifications()).map(({ title, body, tag }) => [title, body, tag]);
        }"""
    )
    return told
