"""Codes with something to them, on two people's screens: a host at the door, codes that turn, that are locked, printed,
scanned within the app, and for a chat with oneself."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import FLAGS, PHONE, WITHIN_MS, OpenBrowser
from deploy.tests.conftest import House

pytestmark = pytest.mark.split

A_WAITING_PAGE = re.compile(r"/waiting/[0-9a-f-]{36}$")
MY_CODE = re.compile(r"/me/code/[0-9a-f-]{36}$")
UNLOCKED = "open sesame"


def knock(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Ask to come in").click()
    page.wait_for_url(A_WAITING_PAGE)
    deeds.expect_online(page)


def test_who_knocks_is_let_in_from_wherever_the_host_is_and_both_talk(
    desktop: Page, phone: Page, open_browser: OpenBrowser
):
    link = deeds.code_with(desktop, "I let each of them in myself")
    desktop.goto("/chats")
    deeds.expect_online(desktop)

    knock(phone, link, "<b>Bota</b>")
    line = desktop.locator(".knock")
    expect(line.locator(".knock__name bdi")).to_have_text("<b>Bota</b>")
    expect(line.locator(".knock__title")).to_contain_text("Ada’s chat")
    expect(phone.get_by_role("heading", name="You have knocked")).to_be_visible()
    phone.reload()  # still waiting there
    expect(phone.get_by_role("heading", name="You have knocked")).to_be_visible()
    deeds.expect_online(phone)
    line.get_by_role("button", name="Let in").click()

    phone.wait_for_url(deeds.A_CHAT)
    expect(line).to_have_count(0)
    desktop.goto(phone.url)
    deeds.write(phone, "thank you")
    deeds.expect_messages(desktop, "thank you")
    deeds.write(desktop, "sit down")
    deeds.expect_messages(phone, "thank you", "sit down")


def test_who_is_refused_is_told_kindly_and_all_hosts_screens_know(desktop: Page, phone: Page):
    link = deeds.code_with(desktop, "I let each of them in myself")
    elsewhere = desktop.context.new_page()
    elsewhere.goto("/chats")
    deeds.expect_online(elsewhere)
    knock(phone, link, "Bota")
    expect(desktop.locator('[data-number="waiting"]')).to_have_text("1")
    expect(elsewhere.locator(".knock")).to_have_count(1)
    elsewhere.get_by_role("button", name="Later").click()  # it stands over the page, and is in nobody's way
    expect(elsewhere.locator(".knock")).to_be_hidden()

    desktop.get_by_role("button", name="Refuse").click()

    expect(phone.get_by_role("heading", name="Not this time")).to_be_visible()
    expect(elsewhere.locator(".knock")).to_have_count(0)
    expect(desktop.locator('[data-number="waiting"]')).to_have_text("0")
    phone.goto(link)
    phone.get_by_role("button", name="Ask as Bota").click()
    expect(phone.get_by_role("heading", name="Not this time")).to_be_visible()


def test_the_end_of_the_code_is_the_end_of_waiting(desktop: Page, phone: Page):
    link = deeds.code_with(desktop, "I let each of them in myself")
    knock(phone, link, "Bota")

    desktop.get_by_text("Take the code back").click()
    desktop.get_by_role("button", name="Revoke the code").click()

    expect(phone.get_by_role("heading", name="This code was taken back")).to_be_visible()


def test_a_code_that_turns_is_dead_on_a_photo_and_opens_from_the_screen(
    desktop: Page, phone: Page, open_browser: OpenBrowser
):
    photo = deeds.code_with(desktop, "The code changes all the time, so that a photo of it is worth nothing")
    in_time = open_browser(**PHONE).new_page()
    desktop.get_by_role("link", name="Full screen").click()
    in_time.goto(deeds.scan(desktop))
    expect(in_time.get_by_role("button", name="Join as guest")).to_be_visible()

    for _ in range(2):  # what is shown no more opens for as long again
        expect(desktop.locator("[data-url]")).not_to_have_attribute("data-url", deeds.link_of(desktop))
    phone.goto(photo)
    expect(phone.get_by_role("heading", name="This code has moved on")).to_be_visible()
    expect(phone.get_by_role("link", name="Scan again")).to_be_visible()

    deeds.join(phone, deeds.scan(desktop), "Bota")
    # Who had opened it while it was on the screen thought of a name meanwhile; and may make an account first.
    in_time.get_by_role("link", name="Make an account").click()
    username = f"carol-{deeds.uuid4().hex[:8]}"
    in_time.get_by_label("User name").fill(username)
    in_time.get_by_label("Password").fill(deeds.PASSWORD)
    in_time.get_by_role("button", name="Make an account").click()
    in_time.get_by_role("button", name=f"Join as {username}").click()
    in_time.wait_for_url(deeds.A_CHAT)
    desktop.get_by_role("button", name="Close").click()
    expect(desktop.locator('[data-number="uses"]')).to_have_text("2")


def test_a_locked_code_opens_by_its_password(desktop: Page, phone: Page):
    link = deeds.code_with(desktop, password=UNLOCKED)
    phone.goto(link)
    expect(desktop.locator('[data-number="opens"]')).to_have_text("1")
    phone.get_by_label("Your name").fill("Bota")

    phone.get_by_label("Password of the code").fill("guess")
    phone.get_by_role("button", name="Join as guest").click()
    expect(phone.get_by_text("That is not this code’s password.")).to_be_visible()
    expect(phone.get_by_label("Your name")).to_have_value("Bota")
    assert UNLOCKED not in phone.content()
    phone.get_by_label("Password of the code").fill(UNLOCKED)
    phone.get_by_role("button", name="Join as guest").click()

    phone.wait_for_url(deeds.A_CHAT)


def test_my_code_gives_two_phones_two_chats(desktop: Page, phone: Page, open_browser: OpenBrowser):
    deeds.register(desktop, display_name="Ada")
    desktop.get_by_label("You and your account").click()
    desktop.get_by_role("link", name="My code").click()
    desktop.get_by_role("button", name="Make my code").click()
    desktop.wait_for_url(MY_CODE)
    deeds.expect_online(desktop)
    link, other = deeds.scan(desktop), open_browser(**PHONE).new_page()

    deeds.join(phone, link, "Bota")
    deeds.join(other, link, "Dana")
    expect(desktop.locator(".joined__name")).to_have_text(["Bota", "Dana"])
    assert phone.url != other.url
    deeds.write(phone, "are you there?")
    desktop.goto("/chats")

    expect(desktop.locator(".chat-list__title")).to_have_text(["Bota", "Dana"])
    desktop.goto("/me/code")  # the same one again
    assert deeds.link_of(desktop) == link
    other.goto(link)  # straight to the chat there is
    other.wait_for_url(deeds.A_CHAT)
    deeds.expect_messages(other)


@pytest.mark.parametrize(("size", "millimetres"), [("a4", (210, 297)), ("a6", (105, 148))])
def test_a_poster_is_one_page_of_its_size_with_the_code_on_it(
    desktop: Page, size: str, millimetres: tuple[int, int], pictures: Path
):
    link = deeds.code_with(desktop)
    desktop.get_by_text("Link, pictures, poster").click()
    desktop.get_by_role("link", name="Poster").click()
    expect(desktop.get_by_text("This code ends in less than a day.")).to_be_visible()
    desktop.goto(f"{desktop.url}?size={size}")

    printed = desktop.pdf(prefer_css_page_size=True, print_background=True)
    (pictures / f"poster-{size}.pdf").write_bytes(printed)

    (sheet,) = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)  # one a page, in points
    assert tuple(round(float(points) / 72 * 25.4) for points in sheet) == millimetres
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", printed)) == 1
    desktop.emulate_media(media="print")
    expect(desktop.get_by_role("heading", name="Ada’s chat")).to_be_visible()
    expect(desktop.get_by_role("link", name="Back to the code")).to_be_hidden()
    assert deeds.scan(desktop) == link


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """What the fake camera sees; each test films something."""
    return tmp_path / "camera.y4m"


@pytest.fixture
def camera(browser: Browser, house: House, film: Path) -> Iterator[BrowserContext]:
    """A phone whose camera sees the film, on a name that browsers take for secure."""
    flags = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
        "--host-resolver-rules=MAP chat.localhost 127.0.0.1",
    ]
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with browser.browser_type.launch(executable_path=path, args=[*FLAGS[:-1], *flags]) as with_camera:
        context = with_camera.new_context(base_url=f"http://chat.localhost:{house.port}", locale="en-GB", **PHONE)
        context.set_default_timeout(WITHIN_MS)
        context.grant_permissions(["camera"])
        yield context


def shoot(picture: Image.Image, film: Path) -> None:
    """Two frames of it, as YUV4MPEG2 with one colour value for four pixels."""
    frame = Image.new("RGB", (640, 480), "grey")
    frame.paste(picture.convert("RGB").resize((360, 360)), (140, 60))
    y, *colours = frame.convert("YCbCr").split()
    planes = y.tobytes() + b"".join(plane.resize((320, 240)).tobytes() for plane in colours)
    film.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + planes) * 2)


def test_a_code_of_ours_that_the_scanner_sees_opens_its_invitation(film: Path, camera: BrowserContext):
    host, phone = camera.new_page(), camera.new_page()
    deeds.code_with(host)
    shoot(Image.open(io.BytesIO(host.locator(".invitation__hero .code__paper").screenshot())), film)
    camera.clear_cookies()

    phone.goto("/scan")

    phone.wait_for_url("**/join/*")
    phone.get_by_label("Your name").fill("Bota")
    phone.get_by_role("button", name="Join as guest").click()
    phone.wait_for_url(deeds.A_CHAT)


def test_another_houses_code_is_shown_and_not_followed(film: Path, camera: BrowserContext):
    """By the browser's own reader, which this browser is given for it; it has none."""
    shoot(Image.new("RGB", (9, 9)), film)
    camera.add_init_script(OWN_READER)
    phone = camera.new_page()
    phone.goto("/scan")

    expect(phone.get_by_text("https://evil.example/join/abc")).to_be_visible()
    expect(phone.get_by_text("This code is none of ours.")).to_be_visible()
    expect(phone.get_by_role("button", name="Scan another")).to_be_visible()
    assert phone.url.endswith("/scan")


OWN_READER = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "https://evil.example/join/abc" }]; }
};"""


def test_on_plain_http_the_scanner_says_why_and_reads_a_picture(desktop: Page, phone: Page):
    deeds.code_with(desktop)
    picture = desktop.locator(".invitation__hero .code").screenshot()
    phone.goto("/scan")
    expect(phone.get_by_text("Browsers give the camera to https pages only")).to_be_visible()

    chooser = phone.get_by_label("Choose a picture")
    chooser.set_input_files({"name": "wall.png", "mimeType": "image/png", "buffer": blank_picture()})
    expect(phone.get_by_text("There is no code in this picture.")).to_be_visible()
    chooser.set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": picture})

    phone.wait_for_url("**/join/*")
    expect(phone.get_by_role("button", name="Join as guest")).to_be_visible()


def blank_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(file, format="PNG")
    return file.getvalue()


@pytest.mark.all_in_one
def test_who_has_an_account_logs_in_at_the_door_and_comes_in_under_that_name(desktop: Page, phone: Page):
    login = deeds.register(phone, display_name="Bob")
    phone.context.clear_cookies()
    link = deeds.code_with(desktop)

    phone.goto(link)
    phone.get_by_role("link", name="Log in", exact=True).click()
    deeds.give_password(phone, login)
    phone.get_by_role("button", name="Join as Bob").click()

    phone.wait_for_url(deeds.A_CHAT)
    expect(desktop.locator('[data-number="uses"]')).to_have_text("1")
    desktop.goto(phone.url)
    deeds.write(phone, "it is me")
    expect(desktop.locator(".message__sender")).to_have_text(["Bob"])
