"""What is left of a code's time, from the first paint on."""

import re

from playwright.sync_api import Page, expect

from deploy.tests.browser import deeds

REMEMBER_ALL_TEXTS = """
window.texts = [];
const look = () => document.querySelectorAll(".countdown").forEach((one) => window.texts.push(one.textContent.trim()));
new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_a_countdown_never_looks_like_a_time_of_day(desktop: Page):
    desktop.add_init_script(REMEMBER_ALL_TEXTS)

    deeds.start_a_chat(desktop, "Ada")
    expect(desktop.locator(".countdown").first).to_have_text(re.compile("14:5[0-8]"))

    shown = set(desktop.evaluate("window.texts"))
    assert all(text.replace(":", "").isdigit() for text in shown), shown
