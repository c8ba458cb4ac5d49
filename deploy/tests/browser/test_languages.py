"""Whose browser asks for Russian or Kazakh reads nothing else, from the first page to the chat."""

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, NAME, PHONE, OpenBrowser

pytestmark = pytest.mark.split


class Words(NamedTuple):
    locale: str
    name: str
    start: str
    join: str
    today: str
    settings: str
    itself: str


RUSSIAN = Words("ru-RU", "Ваше имя", "Начать чат", "Войти как гость", "Сегодня", "Язык и время", "Русский")
KAZAKH = Words("kk-KZ", "Атыңыз", "Чат бастау", "Қонақ болып қосылу", "Бүгін", "Тіл және уақыт", "Қазақша")
EACH = pytest.mark.parametrize("words", [RUSSIAN, KAZAKH], ids=["ru", "kk"])

# What has one name in every language, and the address that a page shows.
NAMES = {"ABDRE", "Chat", *NAME.split(".")}


def expect_to_speak(page: Page, words: Words) -> None:
    said = page.locator("body").inner_text()
    assert page.locator("html").get_attribute("lang") == words.locale[:2]
    assert set(re.findall(r"[A-Za-z]{3,}", said)) <= NAMES, said
    assert not deeds.overflows(page)


@EACH
def test_two_people_meet_in_their_own_language(words: Words, open_browser: OpenBrowser):
    host = open_browser(**{**DESKTOP, "locale": words.locale}).new_page()
    guest = open_browser(**{**PHONE, "locale": words.locale}).new_page()

    for page in (guest, host):
        page.goto("/")
        expect_to_speak(page, words)
    host.get_by_label(words.name).fill("Ада")
    host.get_by_role("button", name=words.start).first.click()
    host.wait_for_url(deeds.AN_INVITATION)
    expect_to_speak(host, words)

    guest.goto(host.locator("[data-url]").get_attribute("data-url") or "")
    expect_to_speak(guest, words)
    guest.get_by_label(words.name).fill("Бота")
    guest.get_by_role("button", name=words.join).click()
    guest.wait_for_url(deeds.A_CHAT)
    host.wait_for_url(deeds.A_CHAT)

    guest.locator("textarea").fill("Сәлем!")
    guest.locator(".composer__send").click()
    for page in (guest, host):
        expect(page.locator(".timeline__day")).to_have_text(words.today)
        expect_to_speak(page, words)


@EACH
def test_a_language_is_chosen_in_the_settings_and_kept(words: Words, phone: Page):
    deeds.register(phone, next_path="/settings/language")

    phone.get_by_label(words.itself).check()
    phone.get_by_role("button", name="Save").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text(words.settings)
    phone.goto("/settings")
    expect(phone.get_by_role("link", name=words.settings)).to_be_visible()
    assert phone.locator("html").get_attribute("lang") == words.locale[:2]
