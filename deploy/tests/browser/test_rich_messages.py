"""Formatted messages, reactions, emoji and links to messages, on two people's screens."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from deploy.tests.browser.conftest import PHONE, Complaints, Two
from deploy.tests.browser.deeds import expect_online, messages, row, write

pytestmark = pytest.mark.all_in_one

RICH = "so **bold** _slanted_ `x < 1`\n\n- one\n- two\n\n> said\n\n```py\nprint('<b>')\n```"
HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload='window.hacked = 1'></svg>",
    "<a href='javascript:window.hacked = 1'>press</a>",
    "<p onclick='window.hacked = 1' style='position:fixed;inset:0'>press</p>",
    "<iframe srcdoc='<script>parent.hacked = 1</script>'></iframe>",
    "<form action='https://evil.example'><button>press</button></form>",
    "<math><mtext><table><mglyph><style><!--</style><img src=x onerror='window.hacked = 1'>",
    "<template><img src=x onerror='window.hacked = 1'></template>",
]


def last(page: Page) -> Locator:
    return page.get_by_role("log").locator(".message").last


def open_menu(message: Locator) -> None:
    message.hover()
    message.locator("summary").click()


def test_markdown_is_seen_by_both_and_edited_as_typed(two: Two):
    write(two.ada, RICH)

    for page in (two.guest, two.ada):
        body = messages(page).last
        expect(body.locator("strong")).to_have_text("bold")
        expect(body.locator("em")).to_have_text("slanted")
        expect(body.locator("li")).to_have_text(["one", "two"])
        expect(body.locator("blockquote")).to_have_text("said")
        expect(body.locator("pre code")).to_have_text("print('<b>')")
    two.guest.reload()
    expect(messages(two.guest).last.locator("strong")).to_have_text("bold")

    open_menu(last(two.ada))
    two.ada.get_by_role("link", name="Edit").click()
    composer = two.ada.get_by_label("Message", exact=True)
    expect(composer).to_have_value(RICH)
    write(two.ada, "only *this* now")
    expect(messages(two.guest).last).to_have_text("only this now")
    expect(messages(two.guest).last.locator("em")).to_have_text("this")

    open_menu(last(two.guest))
    two.guest.get_by_role("link", name="Reply", exact=True).click()
    write(two.guest, "plainly")
    expect(row(two.ada, "plainly").locator(".message__quote")).to_have_text("Host: only this now")
    listed = two.ada.context.new_page()
    listed.goto("/chats")
    expect(listed.locator(".chat-list__preview")).to_have_text("Bota: plainly")


def test_a_message_that_the_server_rendered_is_edited_as_typed_too(two: Two):
    write(two.ada, "**bold** words")
    expect(messages(two.guest).last.locator("strong")).to_be_visible()
    two.ada.reload()
    expect_online(two.ada)

    open_menu(last(two.ada))
    two.ada.get_by_role("link", name="Edit").click()

    expect(two.ada.get_by_label("Message", exact=True)).to_have_value("**bold** words")


def test_a_reaction_comes_and_goes_on_the_others_screen(two: Two):
    write(two.ada, "tea?")
    expect(messages(two.guest)).to_have_text("tea?")

    open_menu(last(two.guest))
    two.guest.get_by_role("button", name="👍").click()
    hers, theirs = (last(page).locator(".reaction") for page in (two.ada, two.guest))
    expect(hers).to_have_text("👍 1")
    expect(hers).to_have_attribute("aria-pressed", "false")
    expect(theirs).to_have_attribute("aria-pressed", "true")

    hers.click()
    expect(theirs).to_have_text("👍 2")
    two.guest.reload()
    expect(theirs).to_have_text("👍 2")
    expect_online(two.guest)
    theirs.click()
    expect(hers).to_have_text("👍 1")
    hers.click()
    for chips in (hers, theirs):
        expect(chips).to_have_count(0)


def test_an_open_menu_stays_in_view_when_what_arrives_moves_the_messages(two: Two):
    write(two.ada, "tea?")
    expect(messages(two.guest)).to_have_text("tea?")
    open_menu(last(two.ada))
    menu = two.ada.locator(".message__menu[open] .menu__body")

    write(two.guest, "line\n" * 25 + "end")
    expect(messages(two.ada).last).to_contain_text("end")
    two.ada.wait_for_function("document.querySelector('.timeline').scrollTop > 0")

    expect(menu).to_be_visible()
    two.ada.wait_for_function(IS_WITHIN)


IS_WITHIN = """() => {
  const [menu, log] = [".message__menu[open] .menu__body", ".timeline"].map((selector) =>
    document.querySelector(selector).getBoundingClientRect());
  return menu.top >= log.top - 1 && menu.bottom <= log.bottom + 1;
}"""


def test_an_open_menu_stays_open_when_somebody_else_reacts(two: Two):
    write(two.ada, "tea?")
    expect(messages(two.guest)).to_have_text("tea?")
    open_menu(last(two.ada))

    open_menu(last(two.guest))
    two.guest.get_by_role("button", name="🎉").click()

    expect(last(two.ada).locator(".reaction")).to_have_text("🎉 1")
    expect(two.ada.get_by_role("link", name="Edit")).to_be_visible()


def test_an_emoji_is_found_by_name_with_the_keyboard_and_remembered(two: Two):
    write(two.ada, "tea?")
    composer = two.ada.get_by_label("Message", exact=True)
    composer.fill("yes ")
    two.ada.get_by_role("button", name="Emoji").click()
    search = two.ada.get_by_role("searchbox", name="Search emoji")
    expect(search).to_be_focused()

    search.fill("teapot")
    search.press("ArrowDown")
    expect(two.ada.get_by_role("button", name="teapot")).to_be_focused()
    two.ada.keyboard.press("Enter")
    expect(composer).to_have_value("yes 🫖")
    expect(composer).to_be_focused()

    open_menu(last(two.ada))
    two.ada.get_by_role("link", name="React").click()
    picker = two.ada.get_by_role("dialog", name="Emoji")
    picker.locator(".emoji-picker__group").first.get_by_role("button", name="teapot").click()
    expect(last(two.guest).locator(".reaction")).to_have_text("🫖 1")


def test_escape_chooses_nothing(two: Two):
    two.ada.get_by_role("button", name="Emoji").click()
    expect(two.ada.get_by_role("dialog")).to_be_visible()
    two.ada.keyboard.press("Escape")

    expect(two.ada.get_by_role("dialog")).to_have_count(0)
    expect(two.ada.get_by_label("Message", exact=True)).to_have_value("")


def test_keys_mark_what_is_selected(two: Two):
    composer = two.ada.get_by_label("Message", exact=True)
    composer.fill("tea")
    composer.press("Control+a")
    composer.press("Control+b")
    expect(composer).to_have_value("**tea**")
    composer.press("Control+b")
    expect(composer).to_have_value("tea")
    composer.press("Control+i")
    composer.press("Enter")

    expect(messages(two.guest).last.locator("em")).to_have_text("tea")


def test_a_link_to_a_message_its_text_and_its_code_are_copied(two: Two):
    two.ada.evaluate("document.execCommand = (name) => (window.copied = document.activeElement.value) !== undefined")
    write(two.ada, "**see**\n```\na\n b\n```")

    last(two.ada).get_by_role("button", name="Copy the code").click()
    expect(two.ada.get_by_role("status").get_by_text("The code is copied.")).to_be_visible()
    assert two.ada.evaluate("copied") == "a\n b\n"
    for words, copied in (("Copy the text", "**see**\n```\na\n b\n```"), ("Copy a link to it", f"{two.ada.url}?at=1")):
        open_menu(last(two.ada))
        two.ada.get_by_role("button", name=words).click()
        assert two.ada.evaluate("copied") == copied


def test_hostile_html_is_inert_whatever_the_server_sends(two: Two, complaints: Complaints):
    """As if the service had been taken over: what comes over the socket is copied element by element all the same."""
    for text in ("javascript", "[press](javascript:window.hacked=1) **b**", f"{' '.join(HOSTILE)} **b**"):
        write(two.ada, text)
    expect(messages(two.guest)).to_have_count(3)
    hears = two.guest.context.new_page()
    hears.route_web_socket(re.compile(r"/ws$"), spoiled)
    hears.goto(two.guest.url)
    expect_online(hears)
    for page in (two.guest, hears):
        expect(messages(page).last.get_by_text("<script>window.hacked = 1</script>")).to_be_visible()

    for number, html in enumerate(HOSTILE):
        write(two.ada, f"**{number}** {html}")
        body = messages(hears).last
        expect(body.locator("strong")).to_have_text(f"spoiled {number}")
        for link in body.get_by_role("link").all():
            assert not (link.get_attribute("href") or "").startswith("javascript")
        told = body.evaluate("body => [...body.querySelectorAll('*')].map((one) => one.tagName)")
        assert set(told) <= {"STRONG", "P", "A"}, html
        attributes = body.evaluate("body => [...body.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())")
        assert attributes == [], html
    for page in (two.ada, two.guest, hears):
        assert page.evaluate("window.hacked") is None
    # While it reads HTML, the browser notes on the console what the policy would keep out in any case.
    complaints.heard = [heard for heard in complaints.heard if "rich_text" not in heard]


def spoiled(route: WebSocketRoute) -> None:
    """Passes everything on, with other HTML in the messages."""
    server = route.connect_to_server()

    def pass_on(text: str | bytes) -> None:
        items: list[dict[str, Any]] = json.loads(text)
        for item in items:
            message = item.get("message")
            if item["type"] == "message.created" and isinstance(message, dict) and message["body"][:2] == "**":
                number = int(re.findall(r"\d+", message["body"])[0])
                message["html"] = f"<strong>spoiled {number}</strong>{HOSTILE[number]}"
        route.send(json.dumps(items))

    server.on_message(pass_on)


def test_long_code_scrolls_inside_and_the_page_does_not(two: Two):
    write(two.ada, "```\n" + "x" * 400 + "\n```\n" + "y" * 300 + " **b**")

    body = messages(two.guest).last
    expect(body.locator("code")).to_be_visible()
    assert two.guest.viewport_size == PHONE["viewport"]
    assert body.locator("code").evaluate("code => code.scrollWidth > code.clientWidth")
    assert not two.guest.evaluate(
        "document.querySelector('.timeline').scrollWidth > document.querySelector('.timeline').clientWidth"
    )
