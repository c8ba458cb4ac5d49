"""The promise of the first page, in two real browsers: show a code, scan it, talk."""

import statistics
import time

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import PHONE, OpenBrowser

SAMPLES = 20
P95_S = 1.0


def test_a_host_shows_a_code_and_a_guest_scans_it_and_they_talk(desktop: Page, phone: Page, origin: str):
    deeds.start_a_chat(desktop, "Ada")
    link = deeds.scan(desktop)
    assert link.startswith(f"{origin}/join/")
    assert deeds.scan(desktop, scale=0.5) == link

    phone.goto(link)
    expect(desktop.locator('[data-step="opened"][data-done="true"]')).to_be_visible()
    phone.get_by_label("Your name").fill("Гүлнар 🌷")
    phone.get_by_role("button", name="Join as guest").click()
    phone.wait_for_url(deeds.A_CHAT)
    desktop.wait_for_url(deeds.A_CHAT)  # nobody reloaded it

    said = ["Hello!", "Сәлем! <b>bold</b>", "Where are you?", "At table 4 → https://example.org/menu", "👋"]
    for number, text in enumerate(said):
        speaker, listener = (desktop, phone) if number % 2 == 0 else (phone, desktop)
        deeds.write(speaker, text)
        deeds.expect_messages(listener, *said[: number + 1])
        deeds.expect_messages(speaker, *said[: number + 1])

    phone.reload()
    deeds.expect_messages(phone, *said)
    deeds.write(phone, "still me")
    deeds.expect_messages(desktop, *said, "still me")


def test_a_revoked_code_is_dead(desktop: Page, phone: Page):
    deeds.start_a_chat(desktop, "Ada")
    link = deeds.scan(desktop)

    desktop.get_by_text("Take the code back").click()
    desktop.get_by_role("button", name="Revoke the code").click()
    expect(desktop.locator('[data-step="revoked"]')).to_be_visible()

    answer = phone.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(phone.locator('[data-state="revoked"]')).to_be_visible()
    expect(phone.get_by_role("button", name="Join as guest")).to_have_count(0)


def test_from_opening_the_link_to_the_first_message_delivered_takes_under_a_second(
    desktop: Page, open_browser: OpenBrowser, capsys: pytest.CaptureFixture[str]
):
    deeds.start_a_chat(desktop, "Ada")
    desktop.get_by_text("A code with other options").click()
    desktop.get_by_label("25").check()
    desktop.get_by_role("button", name="Make this code").click()
    link = deeds.scan(desktop)
    desktop.locator(".invitation__chat").click()
    desktop.wait_for_url(deeds.A_CHAT)

    took = []
    for number in range(SAMPLES):
        phone = open_browser(**PHONE).new_page()
        took.append(one_sample(phone, desktop, link, f"hello {number}"))
        phone.context.close()

    p50, p95 = statistics.median(took), sorted(took)[round(0.95 * SAMPLES) - 1]
    with capsys.disabled():
        print(f"\nfrom opening the link to the first message delivered: p50 {p50:.2f} s, p95 {p95:.2f} s of {SAMPLES}")
    assert p95 <= P95_S


def one_sample(phone: Page, desktop: Page, link: str, text: str) -> float:
    """The machine's part: a person would look and type in between."""
    began = time.monotonic()
    deeds.join(phone, link, "Guest")
    deeds.write(phone, text)
    desktop.get_by_role("log").get_by_text(text, exact=True).wait_for()
    return time.monotonic() - began
