"""What staff lets somebody know stands at the top of every page until it is read, and in a list after that."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import ADA, CHAT, GUEST, Services, html, person

NOTICES = "/api/users/me/notices"
SEEN = f"{NOTICES}/7/seen"


def notice(**facts: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "kind": "warned",
        "reason": "Be <kind>",
        "chat": None,
        "chat_title": "",
        "until": None,
        "created_at": "2026-11-22T10:00:00.000Z",
        "seen_at": None,
        **facts,
    }


def tell(services: Services, *notices: dict[str, Any], who: dict[str, Any] | None = None) -> None:
    unseen = [item for item in notices if item["seen_at"] is None]
    services.answer("user", "GET", "/api/users/me", {**(who or person(ADA)), "notices": unseen})
    services.answer("user", "GET", NOTICES, {"items": list(notices)})


@pytest.mark.parametrize("path", ["/settings", "/chats", "/notices"])
async def test_it_stands_at_the_top_of_every_page_with_a_way_to_put_it_away(
    ada: AsyncClient, services: Services, path: str
):
    until = "2099-11-22T10:15:00.000Z"
    tell(services, notice(kind="silenced", chat=CHAT, chat_title="Tea & cake", until=until))

    page = html(await ada.get(path))

    assert "You may not write for now" in page
    assert "Tea &amp; cake" in page
    assert "until 22 November 2099, 10:15 UTC" in page
    assert "Be &lt;kind&gt;" in page
    assert 'action="/notices/7/seen"' in page
    assert "css/components/staff-notices" in page.partition("</head>")[0]


async def test_without_any_nothing_is_shown_nor_loaded(ada: AsyncClient, services: Services):
    tell(services, notice(seen_at="2026-11-22T11:00:00.000Z"))

    page = html(await ada.get("/settings"))

    assert "Be &lt;kind&gt;" not in page
    assert "staff-notices" not in page.partition("</head>")[0]


async def test_guests_read_it_too(guest: AsyncClient, services: Services):
    tell(services, notice(), who=person(GUEST, "Gulnara", is_guest=True))

    assert "A warning from the moderators" in html(await guest.get("/settings"))


async def test_the_list_shows_what_was_read_and_what_was_not(ada: AsyncClient, services: Services):
    tell(services, notice(), notice(id=6, kind="unbanned", reason="Sorry", seen_at="2026-11-22T11:00:00.000Z"))

    page = html(await ada.get("/notices"))
    history = page.partition("staff-history")[2]

    assert history.index("A warning from the moderators") < history.index("Your account is open again")
    assert history.count("not read yet") == 1


async def test_an_empty_list_says_so_and_the_settings_lead_there(ada: AsyncClient, services: Services):
    tell(services)

    assert "have told you nothing" in html(await ada.get("/notices"))
    assert 'href="/notices"' in html(await ada.get("/settings"))


async def test_reading_it_leads_back_to_the_page(ada: AsyncClient, services: Services):
    services.answer("user", "POST", SEEN, status=204)

    answer = await ada.post("/notices/7/seen", {"next": f"/chats/{CHAT}"})

    assert (answer.status_code, answer["Location"]) == (303, f"/chats/{CHAT}")
    assert len(services.calls("user", "POST", SEEN)) == 1


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example", "javascript:1"])
async def test_it_leads_to_no_other_site(ada: AsyncClient, services: Services, way: str):
    services.refuse("user", "POST", SEEN, 404, "notice_not_found")

    answer = await ada.post("/notices/7/seen", {"next": way})

    assert (answer.status_code, answer["Location"]) == (303, "/chats")


async def test_strangers_are_sent_to_the_login(stranger: AsyncClient, services: Services):
    assert (await stranger.get("/notices"))["Location"] == "/login?next=%2Fnotices"
    assert (await stranger.post("/notices/7/seen")).status_code == 303
    assert not services.asked


async def test_who_is_on_the_staff_now_is_shown_the_way(ada: AsyncClient, services: Services):
    tell(services, notice(kind="made_moderator", reason=""))

    assert 'href="/admin/"' in html(await ada.get("/settings"))


async def test_a_kind_that_is_not_known_yet_is_a_word_still(ada: AsyncClient, services: Services):
    tell(services, notice(kind="promoted"))

    assert "A word from the moderators" in html(await ada.get("/settings"))


async def test_who_is_banned_reads_why_when_the_password_is_right(stranger: AsyncClient, services: Services):
    services.answer(
        "auth",
        "POST",
        "/api/auth/login",
        {"error": {"code": "account_closed", "message": "This account is closed. The moderators say: Spam"}},
        status=403,
    )

    answer = await stranger.post("/login", {"login": "ada", "password": "right"})

    assert answer.status_code == 403
    assert "The moderators say: Spam" in html(answer)
