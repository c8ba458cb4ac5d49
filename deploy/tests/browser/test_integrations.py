"""Programs let in on the pages: a webhook that writes, a token that opens, a chat taken along as a file."""

import json
import urllib.error
import urllib.request
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, OpenBrowser, Two
from deploy.tests.conftest import House

pytestmark = pytest.mark.split


def ask(house: House, path: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(house.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def shown_secret(page: Page) -> str:
    return page.locator(".secret").inner_text()


def test_what_a_webhook_is_told_both_see_with_its_badge_until_it_is_deleted(two: Two, house: House):
    chat = two.ada.url
    two.ada.goto(f"{chat}/integrations")
    two.ada.get_by_label("Name", exact=True).first.fill("Build")
    two.ada.get_by_role("button", name="Make an incoming webhook").click()
    path = urlsplit(shown_secret(two.ada)).path
    two.ada.goto(chat)
    deeds.expect_online(two.ada)

    ask(house, path, {"text": "The build is green"})

    for page in (two.ada, two.guest):
        message = page.locator(".message", has_text="The build is green")
        expect(message.locator(".message__sender")).to_have_text("Build")
        expect(message.locator(".message__bot")).to_be_visible()

    ask(house, path, {"text": "and out", "username": "Deploy"})
    for page in (two.ada, two.guest):
        expect_said_by(page, "and out", "Deploy", "by the webhook Build")
    two.guest.reload()
    expect_said_by(two.guest, "and out", "Deploy", "by the webhook Build")

    two.ada.goto(f"{chat}/integrations")
    two.ada.get_by_role("button", name="Delete Build").click()
    expect(two.ada.get_by_role("button", name="Delete Build")).to_have_count(0)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(house, path, {"text": "once more"})


def expect_said_by(page: Page, text: str, name: str, via: str) -> None:
    message = page.locator(".message--first", has_text=text)
    expect(message.locator(".message__sender")).to_have_text(name)
    expect(message.locator(".message__bot")).to_be_visible()
    expect(message.locator(".message__via")).to_have_text(via)


@pytest.mark.parametrize(("button", "name"), [("As a page", "chat.html"), ("As JSON", "chat.json")])
def test_a_chat_is_taken_along_as_a_page_or_for_programs(two: Two, button: str, name: str):
    deeds.write(two.guest, "to be kept")
    expect(two.ada.locator(".message", has_text="to be kept")).to_be_visible()
    two.ada.goto(f"{two.ada.url}/export")

    two.ada.get_by_role("button", name=button).click()
    link = two.ada.get_by_role("link", name="Download")
    while not link.is_visible():
        two.ada.get_by_role("link", name="Look again").click()

    with two.ada.expect_download() as download:
        link.click()
    archive = ZipFile(BytesIO(download.value.path().read_bytes()))
    assert "to be kept" in archive.read(name).decode()


def test_a_token_made_on_the_page_opens_the_house_until_it_is_revoked(open_browser: OpenBrowser, house: House):
    ada = open_browser(**DESKTOP).new_page()
    username = deeds.register(ada)
    ada.goto("/settings/tokens")
    ada.get_by_label("What it is for").fill("Backup")
    ada.get_by_label("read and write").check()
    ada.get_by_role("button", name="Make a token").click()
    token = shown_secret(ada)

    opened = ask(house, "/api/auth/tokens/exchange", {"token": token})
    ask(house, "/api/chats", {"kind": "group", "title": "By a script"}, opened["access_token"])

    ada.goto("/chats")
    expect(ada.get_by_text("By a script")).to_be_visible()
    assert opened["user"]["display_name"] == username
    ada.goto("/settings/tokens")
    ada.get_by_role("button", name="Revoke Backup").click()
    expect(ada.get_by_role("button", name="Revoke Backup")).to_have_count(0)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask(house, "/api/auth/tokens/exchange", {"token": token})


def test_a_bot_is_made_with_a_token_of_its_own(open_browser: OpenBrowser, house: House):
    ada = open_browser(**DESKTOP).new_page()
    name = deeds.register(ada).replace("ada", "bot")
    ada.goto("/settings/bots")
    ada.get_by_label("User name").fill(name)
    ada.get_by_label("Name in chats").fill("Helper")
    ada.get_by_role("button", name="Make a bot").click()

    opened = ask(house, "/api/auth/tokens/exchange", {"token": shown_secret(ada)})

    assert (opened["user"]["display_name"], opened["user"]["is_bot"]) == ("Helper", True)
    expect(ada.get_by_text(f"@{name}")).to_be_visible()
