"""A page in each size and scheme."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from deploy.tests.browser.conftest import DESKTOP, PHONE
from deploy.tests.browser.deeds import overflows


def look_at(page: Page, folder: Path, name: str) -> None:
    """It fits, axe has nothing to say, and a picture is left for people."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for size, view in (("phone", PHONE), ("desktop", DESKTOP)):
            page.set_viewport_size(view["viewport"])
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
            assert not overflows(page)
            assert Axe().run(page).response["violations"] == []
