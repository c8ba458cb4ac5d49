"""The search's page: a question by address, and hits that lead to their place."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import ADA, BOB, CHAT, Services, chat, html, message, person

API = "/api/chats/search"


def hit(body: str = "green tea", **facts: Any) -> dict[str, Any]:
    said = message(7, body, sender=person(BOB, "Bob"))
    segments = [{"text": "green ", "is_hit": False}, {"text": "tea", "is_hit": True}]
    return {"chat": {"id": CHAT, "kind": "group", "title": "Tea"}, "message": said, "segments": segments, **facts}


@pytest.fixture
def found(services: Services) -> Services:
    services.answer("chat", "GET", API, {"items": [hit()], "next": None})
    return services


async def test_without_a_question_nothing_is_asked_and_the_ways_to_ask_are_told(ada: AsyncClient, found: Services):
    response = await ada.get("/search")

    assert found.calls("chat", "GET", API) == []
    assert "from:anna" in html(response)
    assert "autofocus" in html(response)


async def test_a_hit_shows_who_said_it_where_and_leads_there(ada: AsyncClient, found: Services):
    response = await ada.get("/search?q=tea")

    assert found.call("chat", "GET", API).query == {"q": "tea"}
    for part in ("Tea</span>", "<bdi>Bob</bdi>", "green <mark>tea</mark>", f'href="/chats/{CHAT}?at=7"'):
        assert part in html(response)
    assert "from:anna" not in html(response)


async def test_ones_own_hits_say_so(ada: AsyncClient, services: Services):
    own = hit(message=message(7, "tea", sender=person(ADA, "Ada")))
    services.answer("chat", "GET", API, {"items": [own], "next": None})

    assert "You</bdi>" in html(await ada.get("/search?q=tea"))


async def test_what_was_said_is_escaped(ada: AsyncClient, services: Services):
    segments = [{"text": "<b>", "is_hit": False}, {"text": "<script>", "is_hit": True}]
    services.answer("chat", "GET", API, {"items": [hit(segments=segments)], "next": None})

    response = await ada.get("/search?q=%3Cscript%3E")

    assert "&lt;b&gt;<mark>&lt;script&gt;</mark>" in html(response)
    assert 'value="&lt;script&gt;"' in html(response)


async def test_one_chat_can_be_searched_alone(ada: AsyncClient, found: Services):
    found.answer("chat", "GET", f"/api/chats/{CHAT}", chat())

    response = await ada.get(f"/search?q=tea&chat={CHAT}")

    assert found.call("chat", "GET", API).query == {"q": "tea", "chat": CHAT}
    for part in ("Search in Tea", 'href="/search?q=tea">Search in all chats', f'name="chat" value="{CHAT}"'):
        assert part in html(response)


@pytest.mark.parametrize("chat_id", [CHAT, "nothing"])
async def test_a_chat_of_others_is_not_there(ada: AsyncClient, services: Services, chat_id: str):
    for path in (API, f"/api/chats/{CHAT}"):
        services.refuse("chat", "GET", path, 404, "chat_not_found")

    assert (await ada.get(f"/search?q=tea&chat={chat_id}")).status_code == 404


async def test_older_hits_are_a_link_away(ada: AsyncClient, found: Services):
    found.answer("chat", "GET", API, {"items": [hit()], "next": "abc"})

    shown = await ada.get("/search?q=green+tea")
    await ada.get("/search?q=green+tea&cursor=abc")

    assert 'href="/search?q=green+tea&amp;cursor=abc"' in html(shown)
    assert found.calls("chat", "GET", API)[-1].query == {"q": "green tea", "cursor": "abc"}


async def test_filters_are_put_in_and_taken_out_by_a_press(ada: AsyncClient, found: Services):
    response = await ada.get("/search?q=tea+has:link")

    assert 'href="/search?q=tea" aria-current="true">with a link' in html(response)
    assert 'href="/search?q=tea+has%3Alink+has%3Aimage">with a picture' in html(response)


async def test_a_question_that_cannot_be_asked_says_why(ada: AsyncClient, services: Services):
    services.refuse("chat", "GET", API, 422, "invalid", fields={"q": ["Type at least two letters."]})

    response = await ada.get("/search?q=t")

    assert response.status_code == 422
    assert "Type at least two letters." in html(response)
    assert 'aria-invalid="true"' in html(response)
    assert "Nothing was found" not in html(response)


async def test_where_nothing_is_found_or_can_be_had_it_is_said(ada: AsyncClient, services: Services):
    services.answer("chat", "GET", API, {"items": [], "next": None})
    nothing = await ada.get("/search?q=tea")
    services.away("chat")
    away = await ada.get("/search?q=tea")

    assert "Nothing was found." in html(nothing)
    assert "not available right now" in html(away)
    assert "Nothing was found." not in html(away)


async def test_who_searches_too_much_is_told_to_wait(ada: AsyncClient, services: Services):
    services.refuse("chat", "GET", API, 429, "too_many", retry_after="30")

    assert (await ada.get("/search?q=tea")).status_code == 429


async def test_strangers_log_in_and_come_back(stranger: AsyncClient):
    response = await stranger.get("/search?q=tea")

    assert response["Location"] == "/login?next=%2Fsearch%3Fq%3Dtea"


async def test_the_list_and_each_chat_lead_to_the_search(ada: AsyncClient, services: Services):
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", f"/api/chats/{CHAT}/messages", {"items": [message(1)], "has_more": False})

    assert 'action="/search"' in html(await ada.get("/chats"))
    assert f'href="/search?chat={CHAT}"' in html(await ada.get(f"/chats/{CHAT}"))
