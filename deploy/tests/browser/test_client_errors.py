"""A page that breaks in somebody's browser reports it, staff read of it, and what is whole goes on."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from deploy.tests.browser.conftest import Complaints
from deploy.tests.browser.deeds import (
    A_CHAT,
    expect_messages,
    expect_online,
    start_a_chat,
    write,
)

pytestmark = pytest.mark.all_in_one

REPORTS = re.compile(r"/api/auth/client-errors$")
# Nothing of a page works without the first; the second is one of its parts.
MENUS = re.compile(r"/static/js/menus[\w.]*\.js$")
CHAT_LIST = re.compile(r"/static/js/chat_list\.[\w.]*js$")


def listed(staff: Page, request_id: str) -> Locator:
    """The rows of errors that were last met on the page of that request."""
    staff.goto(f"/admin/auth_svc/clienterror/?q={request_id}")
    return staff.locator(".admin-table tbody tr")


def request_id_of(page: Page) -> str:
    return page.locator('meta[name="request-id"]').get_attribute("content") or ""


THROWS = 'export function closeMenusElsewhere() { throw new Error("broken for ada@example.org"); }'
CANNOT_BE_READ = "export function {"


@pytest.mark.parametrize(
    ("answer", "message", "file"),
    [
        ({"body": THROWS}, "Error: broken for ***", "/static/js/menus"),
        ({"body": CANNOT_BE_READ}, "SyntaxError", "/static/js/menus"),
        ({"status": 404}, "could not be loaded", "/static/js/main"),
    ],
    ids=["it throws", "it cannot be read", "it is missing"],
)
def test_staff_read_what_broke_a_strangers_page_and_where_and_of_which_release(
    phone: Page, staff: Page, complaints: Complaints, answer: dict[str, str | int], message: str, file: str
):
    phone.route(MENUS, lambda route: route.fulfill(content_type="text/javascript", **answer))  # type: ignore[arg-type]

    with phone.expect_response(REPORTS) as report:
        phone.goto("/register?next=%2Fchats")

    assert report.value.status == 204
    row = listed(staff, request_id_of(phone))
    expect(row).to_have_count(1)
    for text in (message, "/register", "development", "Chrome"):
        expect(row).to_contain_text(text)
    row.get_by_role("link").click()
    facts = staff.locator(".facts")
    for text in (message, file, "/register", "development", "Chrome"):
        expect(facts).to_contain_text(text)
    expect(facts).not_to_contain_text("next=")
    complaints.heard.clear()  # a broken page has reason to complain


def test_a_chat_with_a_broken_part_goes_on_though_nobody_takes_the_report(desktop: Page, complaints: Complaints):
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.post_data_json["message"])
        route.fulfill(status=503, json={"error": {"code": "unavailable", "message": ""}})

    body = 'export class ChatList { constructor() { throw new Error("broken list"); } }'
    desktop.route(CHAT_LIST, lambda route: route.fulfill(content_type="text/javascript", body=body))
    desktop.route(REPORTS, refuse)
    start_a_chat(desktop, "Ada")
    with desktop.expect_response(REPORTS):
        desktop.locator(".invitation__chat").click()
        desktop.wait_for_url(A_CHAT)

    expect_online(desktop)
    write(desktop, "it works")
    expect_messages(desktop, "it works")

    assert [message.partition("Error: ")[2] for message in refused] == ["broken list"] * len(complaints.heard)
    assert all("broken list" in complaint for complaint in complaints.heard)
    assert refused
    complaints.heard.clear()
