"""Photos, files and voice messages, as people send them and as they are seen on the other screen."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import OpenBrowser, Two
from deploy.tests.browser.deeds import expect_messages, write
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

GPS = 0x8825
PART = 512 * 1024


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """From a phone that notes where it is."""
    exif = Image.Exif()
    exif.get_ifd(GPS)[2] = (43.0, 15.0, 0.0)
    exif[0x010E] = "secret place"
    path = tmp_path / "hills.jpg"
    Image.linear_gradient("L").resize((1600, 900)).convert("RGB").save(path, exif=exif)
    assert b"secret place" in path.read_bytes()
    return path


def add(page: Page, *files: Path) -> None:
    page.locator("[data-files]").set_input_files(files)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("milk and bread")
    return path


def fetched(page: Page, address: str) -> bytes:
    """As the page itself gets it, with its cookies."""
    return bytes(page.evaluate("async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())]", address))


def test_a_photo_appears_on_the_other_screen_and_says_nothing_of_where_it_was_taken(two: Two, photo: Path):
    add(two.ada, photo)
    expect(two.ada.get_by_text("Ready")).to_be_visible()
    write(two.ada, "Look at this")

    for page in (two.ada, two.guest):
        picture = page.get_by_role("log").get_by_role("img", name="hills.jpg")
        expect(picture).to_be_visible()
        expect(page.locator(".file--loaded")).to_have_count(1)
    expect_messages(two.guest, "Look at this")
    address = two.guest.locator(".file--image").get_attribute("href") or ""
    for variant in ("file", "large", "thumb"):
        data = fetched(two.guest, f"{address}?variant={variant}")
        assert b"secret place" not in data
        assert not Image.open(BytesIO(data)).getexif()

    two.guest.get_by_role("log").get_by_role("img", name="hills.jpg").click()
    shown = two.guest.get_by_role("dialog").get_by_role("img", name="hills.jpg")
    expect(shown).to_be_visible()
    two.guest.keyboard.press("Escape")
    expect(shown).to_be_hidden()

    two.guest.goto(two.guest.url + "/files")
    expect(two.guest.get_by_role("img", name="hills.jpg")).to_be_visible()


def test_an_upload_that_is_cut_off_goes_on_where_it_was(two: Two, tmp_path: Path):
    sent = tmp_path / "notes.bin"
    sent.write_bytes(bytes(range(256)) * 8192)  # four parts
    offsets: list[str] = []

    def cut_the_third(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(route.request.headers["upload-offset"])
            if len(offsets) == 3:
                route.abort("connectionreset")
                return
        route.continue_()

    two.ada.route("**/attachments/*", cut_the_third)
    add(two.ada, sent)
    send(two.ada)  # before it is there: it goes as soon as it is

    saved = two.guest.get_by_role("link", name="notes.bin")
    expect(saved).to_be_visible()
    assert offsets == [str(PART * part) for part in (0, 1, 2, 2, 3)]
    with two.guest.expect_download() as download:
        saved.click()
    assert download.value.suggested_filename == "notes.bin"
    assert download.value.path().read_bytes() == sent.read_bytes()


def test_a_message_sent_before_the_page_can_take_files_up_goes_with_its_file(two: Two, notes: Path):
    release = deeds.withhold(two.ada, "tray")
    add(two.ada, notes)
    write(two.ada, "For you")
    expect(two.ada.get_by_role("alert").get_by_text("as soon as its files are there")).to_be_visible()

    release()

    expect_messages(two.guest, "For you")
    expect(two.guest.get_by_role("link", name="notes.txt")).to_be_visible()
    expect(two.ada.get_by_role("alert").get_by_text("as soon as its files are there")).to_be_hidden()


def test_a_file_that_cannot_be_taken_up_is_said_and_can_be_chosen_again(two: Two, notes: Path):
    two.ada.route(deeds.script("tray"), lambda route: route.abort(), times=3)
    add(two.ada, notes)

    expect(two.ada.get_by_role("alert").get_by_text("Please try again")).to_be_visible()
    add(two.ada, notes)
    expect(two.ada.get_by_text("Ready")).to_be_visible()
    send(two.ada)

    expect(two.guest.get_by_role("link", name="notes.txt")).to_be_visible()


def test_a_file_chosen_before_the_scripts_live_is_taken_up(two: Two, notes: Path):
    release = deeds.withhold(two.ada, "chat_files")
    two.ada.reload(wait_until="domcontentloaded")
    add(two.ada, notes)

    release()

    expect(two.ada.get_by_text("Ready")).to_be_visible()
    expect(two.ada.get_by_role("list", name="Files to send").get_by_text("notes.txt")).to_be_visible()


def test_what_is_refused_is_said_and_can_be_taken_out(two: Two, tmp_path: Path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and no more")
    add(two.ada, broken)

    expect(two.ada.get_by_text("This image cannot be read.")).to_be_visible()
    write(two.ada, "hello")
    expect(two.ada.get_by_role("alert").get_by_text("One file cannot be sent.")).to_be_visible()
    two.ada.get_by_role("button", name="Take this file out").click()
    send(two.ada)

    expect_messages(two.guest, "hello")


def test_a_file_dropped_on_the_chat_is_added(two: Two):
    dropped = two.ada.evaluate_handle(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["abc"], "dropped.txt"));
          return data;
        }"""
    )
    two.ada.locator(".chat").dispatch_event("drop", {"dataTransfer": dropped})

    expect(two.ada.get_by_role("list", name="Files to send").get_by_text("dropped.txt")).to_be_visible()


def test_on_plain_http_it_is_said_why_nothing_is_recorded(two: Two):
    two.ada.get_by_role("button", name="Record a voice message").click()

    expect(two.ada.get_by_role("alert").get_by_text("https pages only")).to_be_visible()


def test_a_voice_message_is_recorded_sent_and_played(open_browser: OpenBrowser, house: House):
    # Where browsers let pages record: on https, and on localhost.
    ada = open_browser(base_url=f"http://localhost:{house.port}", permissions=["microphone"]).new_page()
    deeds.start_a_chat(ada)
    link = ada.locator("[data-url]").get_attribute("data-url") or ""
    guest = open_browser().new_page()
    deeds.join(guest, "/join/" + link.rpartition("/join/")[2], "Bota")
    ada.wait_for_url(deeds.A_CHAT)
    for page in (ada, guest):
        deeds.expect_online(page)

    ada.get_by_role("button", name="Record a voice message").click()
    expect(ada.get_by_role("timer")).to_have_text("0:01")
    ada.locator('[data-action="send-voice"]').click()

    for page in (ada, guest):
        sound = page.get_by_role("log").locator("audio")
        expect(sound).to_be_visible()
        expect(page.get_by_role("log").locator(".file__about")).to_have_text(re.compile("^0:0[1-9]$"))
        sound.evaluate("sound => sound.play()")
        page.wait_for_function("() => document.querySelector('.message audio').currentTime > 0")
    expect(ada.get_by_role("list", name="Files to send")).to_be_hidden()
