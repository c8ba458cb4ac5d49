"""Without a network the browser shows a page of ours, and the one that was wanted as soon as there is one again."""

import re

import pytest
from playwright.sync_api import expect

from deploy.tests.browser import deeds
from deploy.tests.browser.conftest import PHONE, OpenBrowser
from deploy.tests.conftest import House

pytestmark = pytest.mark.all_in_one


def test_offline_there_is_a_page_that_gives_way_when_the_network_is_back(open_browser: OpenBrowser, house: House):
    # Workers are for secure origins, of which localhost is one.
    page = open_browser(**PHONE, base_url=f"http://localhost:{house.port}").new_page()
    deeds.start_a_chat(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    chat = page.url.partition("/invitations")[0]

    page.context.set_offline(True)
    page.goto(chat)

    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    assert page.locator("body").evaluate("body => getComputedStyle(body).fontFamily") != "Times New Roman"
    assert deeds.overflows(page) is False

    page.context.set_offline(False)

    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(chat)))


def test_a_page_of_which_a_part_did_not_come_at_first_lives_all_the_same(open_browser: OpenBrowser):
    page = open_browser(**PHONE).new_page()
    page.route("**/static/js/presence.*", lambda route: route.abort(), times=1)

    deeds.start_a_chat(page)

    deeds.expect_online(page)
