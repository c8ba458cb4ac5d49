"""Start, join, log in, read and post, with JavaScript switched off."""

from playwright.sync_api import expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import DESKTOP, PHONE, OpenBrowser


def test_two_people_talk_without_scripts(open_browser: OpenBrowser):
    host = open_browser(**DESKTOP, java_script_enabled=False).new_page()
    guest = open_browser(**PHONE, java_script_enabled=False).new_page()
    deeds.start_a_chat(host, "Ada")
    deeds.join(guest, deeds.scan(host), "Bob")

    deeds.write(guest, "no scripts here")
    deeds.expect_messages(guest, "no scripts here")
    host.locator(".invitation__chat").click()
    host.wait_for_url(deeds.A_CHAT)
    deeds.expect_messages(host, "no scripts here")
    deeds.write(host, "nor here")
    guest.reload()
    deeds.expect_messages(guest, "no scripts here", "nor here")


def test_an_account_is_made_and_logged_in_to_without_scripts(open_browser: OpenBrowser):
    page = open_browser(**PHONE, java_script_enabled=False).new_page()
    name = deeds.register(page)
    page.goto("/logout")
    page.get_by_role("main").get_by_role("button", name="Log out").click()

    page.goto("/chats")
    deeds.give_password(page, name)

    expect(page).to_have_url(deeds.CHATS)
