"""Public chats are found and joined; the list of one's own is narrowed by filter and name."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html

PUBLIC = {"id": CHAT, "title": "Tea", "topic": "Leaves", "picture": "", "member_count": 2, "joined": False}


@pytest.fixture
def public(services: Services) -> Services:
    services.answer("chat", "GET", "/api/chats/public", {"items": [PUBLIC], "next": "more"})
    return services


async def test_public_chats_are_listed_and_looked_for(ada: AsyncClient, public: Services) -> None:
    text = html(await ada.get("/discover?chat=tea"))

    assert public.call("chat", "GET", "/api/chats/public").query == {"q": "tea"}
    for fact in ("Tea", "Leaves", "2 people", f"/discover/{CHAT}/join", "/discover?chat=tea&amp;before=more"):
        assert fact in text


async def test_joining_leads_into_the_chat(ada: AsyncClient, public: Services) -> None:
    public.answer("chat", "POST", f"/api/chats/{CHAT}/join", chat(), status=201)

    assert (await ada.post(f"/discover/{CHAT}/join"))["Location"] == f"/chats/{CHAT}"


async def test_who_is_in_it_opens_it(ada: AsyncClient, public: Services) -> None:
    public.answer("chat", "GET", "/api/chats/public", {"items": [{**PUBLIC, "joined": True}], "next": None})

    assert f"/discover/{CHAT}/join" not in html(await ada.get("/discover"))


async def test_a_refused_join_says_why(ada: AsyncClient, public: Services) -> None:
    public.refuse("chat", "POST", f"/api/chats/{CHAT}/join", 403, "banned")

    answer = await ada.post(f"/discover/{CHAT}/join")

    assert answer.status_code == 403
    assert "The service said banned." in html(answer)


async def test_where_nothing_is_public_there_is_no_such_page(ada: AsyncClient, public: Services, settings: Any) -> None:
    settings.PUBLIC_CHATS = False

    assert (await ada.get("/discover")).status_code == 404
    assert "/discover" not in html(await ada.get("/chats"))


async def test_the_list_is_narrowed_and_says_so(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [chat(pinned=True, muted_until=None)], "next": "more"})

    text = html(await ada.get("/chats?filter=groups&q=tea"))

    assert services.call("chat", "GET", "/api/chats").query == {"filter": "groups", "q": "tea"}
    assert 'aria-current="true">Groups</a>' in text
    assert "/chats?filter=groups&amp;q=tea&amp;chats_before=more" in text
    assert "data-pinned" in text


async def test_a_filter_that_is_none_is_no_filter(ada: AsyncClient, services: Services) -> None:
    await ada.get("/chats?filter=mine")

    assert services.call("chat", "GET", "/api/chats").query == {}
