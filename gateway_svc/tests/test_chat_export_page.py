"""A chat as a file, on its page."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html

PAGE, API = f"/chats/{CHAT}/export", f"/api/chats/{CHAT}/exports"
EXPORT = {
    "id": "7c6a1b1e-6b57-4f0c-8f0a-0a8f6f4e2a10", "format": "html", "status": "ready", "size_bytes": 2048,
    "asked_at": "2026-11-20T08:00:00.000Z", "made_at": "2026-11-20T08:00:01.000Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def listed(services: Services) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [chat()], "next": None})
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", API, {"items": [EXPORT]})


async def test_what_is_made_can_be_fetched(ada: AsyncClient) -> None:
    page = html(await ada.get(PAGE))

    assert f'href="{API}/{EXPORT["id"]}/archive"' in page
    assert "HTML · 2.0" in page
    assert 'value="json"' in page


async def test_while_one_is_made_the_page_offers_to_look_again(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", API, {"items": [{**EXPORT, "status": "waiting"}]})

    page = html(await ada.get(PAGE))

    assert "is being made" in page
    assert "Look again" in page
    assert "/archive" not in page


async def test_a_press_asks_for_it(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "POST", API, EXPORT, status=202)

    assert (await ada.post(PAGE, {"format": "json"}))["Location"] == PAGE
    assert services.call("chat", "POST", API).json == {"format": "json"}


async def test_a_refusal_is_said_on_the_page(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "POST", API, 409, "export_pending")

    answer = await ada.post(PAGE, {"format": "json"})

    assert answer.status_code == 409
    assert "The service said export_pending." in html(answer)


async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient) -> None:
    assert (await stranger.get(PAGE))["Location"].startswith("/login?")
