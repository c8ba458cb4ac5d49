"""What people do on the pages, found by what they read there."""

import io
import re
import time
from collections.abc import Callable
from uuid import uuid4

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from abdre.tests.totp import code_at

CHATS = re.compile(r"/chats$")
PASSWORD = "correct horse battery"
A_CHAT = re.compile(r"/chats/[0-9a-f-]{36}$")
AN_INVITATION = re.compile(r"/chats/[0-9a-f-]{36}/invitations/[0-9a-f-]{36}$")


def start_a_chat(page: Page, name: str = "") -> None:
    """From the first page to the code on the screen."""
    page.goto("/")
    if name:
        page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start a chat").first.click()
    page.wait_for_url(AN_INVITATION)


def code_with(page: Page, *options: str, uses: str = "25", password: str = "") -> str:
    """The link of a fresh code into a fresh chat, whose page stands on the screen."""
    start_a_chat(page, "Ada")
    page.get_by_text("A code with other options").click()
    page.get_by_label(uses, exact=True).check()
    page.get_by_text("Who may come in, and how").click()
    for option in options:
        page.get_by_label(option).check()
    page.get_by_label("Password of the code").fill(password)
    page.get_by_role("button", name="Make this code").click()
    page.wait_for_url(lambda url: "/invitations/" in url)
    expect_online(page)
    return link_of(page)


def link_of(page: Page) -> str:
    return page.locator("[data-url]").get_attribute("data-url") or ""


def scan(page: Page, *, scale: float = 1.0) -> str:
    """What a camera reads from the picture of the screen; an independent decoder looks at the pixels only."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    if scale != 1.0:
        picture = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BILINEAR
        )
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(codes) == 1, f"{len(codes)} codes on the screen at {scale}"
    return codes[0].text


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join as guest").click()
    page.wait_for_url(A_CHAT)


def register(
    page: Page, *, username: str = "", display_name: str = "", email: str = "", next_path: str = "/chats"
) -> str:
    """By a password, and on to `next_path`; with an address, to the page that tells of the letter. The user name."""
    username = username or f"ada-{uuid4().hex[:8]}"
    page.goto(f"/register?next={next_path}")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Your name").fill(display_name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    page.wait_for_url("**/security/email?next=*" if email else f"**{next_path}")
    return username


def log_in(page: Page, login: str, *, then: str | re.Pattern[str] = CHATS) -> None:
    """`then`: where that leads."""
    page.goto("/login?next=/chats")
    give_password(page, login)
    page.wait_for_url(then)


def give_password(page: Page, login: str, password: str = PASSWORD) -> None:
    """On the login page."""
    page.get_by_label("Name or e-mail").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def turn_on_app(page: Page) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes, as the pages show them."""
    page.goto("/security")
    page.get_by_role("link", name="Two-step login").click()
    page.get_by_role("link", name="Set up an app").click()
    return set_up_app(page)


def set_up_app(page: Page) -> tuple[str, list[str]]:
    """As `turn_on_app`, from the page that shows the secret."""
    secret = page.locator(".secret").inner_text().replace(" ", "")
    # The picture says the same as the letters do.
    assert f"secret={secret}&" in scan(page)
    page.get_by_role("textbox", name="Code").fill(code_at(secret, time.time()))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".recovery-codes__code")
    expect(codes).to_have_count(10)
    return secret, codes.all_inner_texts()


def write(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def messages(page: Page) -> Locator:
    return page.get_by_role("log").locator(".message__body")


def expect_messages(page: Page, *texts: str) -> None:
    """These and no others, in this order, each once."""
    expect(messages(page)).to_have_text(list(texts))


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def row(page: Page, text: str) -> Locator:
    body = page.locator(".message__body", has_text=re.compile(f"^{re.escape(text)}$"))
    return page.get_by_role("log").locator(".message", has=body)


def expect_online(page: Page) -> None:
    expect(page.locator(".connection").first).to_have_attribute("data-state", "online")


def expect_unsent(page: Page, text: str) -> None:
    expect(row(page, text)).to_have_class(re.compile("message--pending"))


def fall_asleep(page: Page) -> None:
    """As a browser does with a page it puts away; the socket goes, the page stays."""
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")


def wake_up(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('pageshow'))")


REFUSED = """async ([text, refusal]) => {
  const request = indexedDB.open("abdre");
  await new Promise((resolve) => (request.onsuccess = resolve));
  const transaction = request.result.transaction("outbox", "readwrite");
  transaction.objectStore("outbox").put({
    client_id: crypto.getRandomValues(new Uint32Array(2)).join("-"), created_at: new Date().toISOString(),
    chat: location.pathname.split("/")[2], person: document.body.dataset.user, reply_to: null, body: text, refusal,
  });
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  request.result.close();
}"""
UNSENT = """async () => {
  const request = indexedDB.open("abdre");
  await new Promise((resolve) => (request.onsuccess = resolve));
  const all = request.result.transaction("outbox").objectStore("outbox").getAll();
  await new Promise((resolve) => (all.onsuccess = resolve));
  request.result.close();
  return all.result.map((entry) => entry.body);
}"""


def leave_refused(page: Page, text: str, refusal: str) -> None:
    """As if the server had refused it before the page was loaded anew."""
    page.evaluate(REFUSED, [text, refusal])
    page.reload()
    expect_online(page)


def unsent(page: Page) -> list[str]:
    """What this browser keeps of messages that are not sent yet, whoever wrote them."""
    kept: list[str] = page.evaluate(UNSENT)
    return kept


def expect_nothing_unsent(page: Page) -> None:
    page.wait_for_function(f"async () => (await ({UNSENT})()).length === 0")


def script(name: str) -> re.Pattern[str]:
    """The address of a script of the page."""
    return re.compile(rf"/js/{name}(\.\w+)?\.js$")


def withhold(page: Page, name: str) -> Callable[[], None]:
    """A script does not come, as on a slow line, until the returned function is called."""
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    def release() -> None:
        while not asked:
            page.wait_for_timeout(20)
        asked[0].continue_()

    page.route(script(name), hold)
    return release
