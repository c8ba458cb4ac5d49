"""A link gets a card on both screens, with a picture that comes from the house; its sender takes it off."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from abdre.tests.receiver import Asked, Receiver, Reply, receiver
from deploy.tests.browser.conftest import OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, expect_online, row, write
from deploy.tests.browser.test_threads import look
from deploy.tests.conftest import PUSH_SERVICE

pytestmark = pytest.mark.split

HTML = {"Content-Type": "text/html; charset=utf-8"}
TEA = """<title>Tea</title><meta property="og:site_name" content="The Tea House">
<meta property="og:title" content="How tea came to Almaty">
<meta property="og:description" content="By caravan, by rail, and in the pockets of those who could not do without it.">
<meta property="og:image" content="/tea.png">"""
LONG = f"<title>{'A title that does not end, ' * 12}</title><meta name='description' content='{'words ' * 60}'>"


def picture() -> bytes:
    written = BytesIO()
    Image.effect_mandelbrot((1200, 630), (-2.2, -1.2, 1.0, 1.2), 60).convert("RGB").save(written, "PNG")
    return written.getvalue()


def site_answer(asked: Asked) -> Reply:
    if asked.path == "/tea.png":
        return 200, {"Content-Type": "image/png"}, picture()
    return 200, HTML, {"/tea": TEA, "/long": LONG}[asked.path].encode()


@pytest.fixture
def site() -> Iterator[Receiver]:
    with receiver(site_answer, host=PUSH_SERVICE) as made:
        yield made


def expect_picture(page: Page) -> None:
    image = page.locator(".link-preview__picture").first
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") == 320
    assert image.evaluate("image => new URL(image.src).origin === location.origin")


def test_a_card_comes_to_both_and_its_sender_takes_it_off(
    two: Two, site: Receiver, pictures: Path, open_browser: OpenBrowser
):
    ada, guest = two.ada, two.guest
    tea, long = site.url("/tea", PUSH_SERVICE), site.url("/long", PUSH_SERVICE)
    write(guest, f"**look** {tea}")
    write(ada, f"or this: {long}")
    first, second = f"look {tea}", f"or this: {long}"

    for page, name in ((ada, "desktop"), (guest, "phone")):
        expect(page.locator(".link-preview")).to_have_count(2)
        card = row(page, first).get_by_role("link", name="How tea came to Almaty")
        expect(card).to_have_attribute("href", tea)
        expect(card).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect_picture(page)
        look(page, pictures, f"link-previews-{name}")
    expect(row(guest, second).get_by_role("button", name="Remove the preview")).to_be_hidden()
    assert sorted(asked.path for asked in site.asked) == ["/long", "/tea", "/tea.png"]

    guest.reload()
    expect_online(guest)
    expect_picture(guest)
    row(guest, first).get_by_role("button", name="Remove the preview").click()
    for page in (ada, guest):
        expect(page.locator(".link-preview")).to_have_count(1)
        expect_messages(page, first, second)

    plain = open_browser(java_script_enabled=False, storage_state=ada.context.storage_state()).new_page()
    plain.goto(ada.url)
    plain.get_by_role("button", name="Remove the preview").click()
    expect(plain.locator(".link-preview")).to_have_count(0)
    for page in (ada, guest):
        expect(page.locator(".link-preview")).to_have_count(0)
