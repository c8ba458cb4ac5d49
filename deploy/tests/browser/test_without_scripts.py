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


def test_files_are_sent_with_a_text_without_scripts(open_browser: OpenBrowser):
    page = open_browser(**PHONE, java_script_enabled=False).new_page()
    deeds.start_a_chat(page, "Ada")
    page.locator(".invitation__chat").click()
    page.wait_for_url(deeds.A_CHAT)
    several_parts = {"name": "log.txt", "mimeType": "text/plain", "buffer": b"line\n" * 300_000}
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"tea"}

    page.get_by_label("Add photos or files").set_input_files([several_parts, notes])
    deeds.write(page, "both of them")

    deeds.expect_messages(page, "both of them")
    files = page.locator(".message .file__what")
    expect(files).to_have_text(["log.txt1.4 MB", "notes.txt3 bytes"])
    with page.expect_download() as saved:
        files.first.click()
    assert saved.value.path().read_bytes() == several_parts["buffer"]


def test_an_account_is_made_and_logged_in_to_without_scripts(open_browser: OpenBrowser):
    page = open_browser(**PHONE, java_script_enabled=False).new_page()
    name = deeds.register(page)
    page.goto("/logout")
    page.get_by_role("main").get_by_role("button", name="Log out").click()

    page.goto("/chats")
    deeds.give_password(page, name)

    expect(page).to_have_url(deeds.CHATS)
