"""Twenty phones one after another come in by one code and write; how long the machine's part took is printed.

The promise is a second for 95 of 100; it is shown by running this alone on a quiet machine, and no test is timed.
"""

import statistics
import time

import pytest
from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import PHONE, OpenBrowser

SAMPLES = 20


def test_everybody_who_opens_the_link_is_heard_by_the_host(
    desktop: Page, open_browser: OpenBrowser, capsys: pytest.CaptureFixture[str]
):
    deeds.start_a_chat(desktop, "Ada")
    desktop.get_by_text("A code with other options").click()
    desktop.get_by_label("25").check()
    desktop.get_by_role("button", name="Make this code").click()
    expect(desktop.locator(".uses")).to_contain_text("25")
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


def one_sample(phone: Page, desktop: Page, link: str, text: str) -> float:
    """The machine's part: a person would look and type in between."""
    began = time.monotonic()
    deeds.join(phone, link, "Guest")
    deeds.write(phone, text)
    desktop.get_by_role("log").get_by_text(text, exact=True).wait_for()
    return time.monotonic() - began
