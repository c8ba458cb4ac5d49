"""What waits for approval: a page for who manages the chat, and one's own below the messages."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import BOB, CHAT, Services, chat, html, message, person

PAGE = f"/chats/{CHAT}/held"
API = f"/api/chats/{CHAT}"
ID = "0b5a8f7e-1111-4222-8333-444455556666"


def held(**facts: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"id": ID, "chat": CHAT, "client_id": BOB, "sender": person(BOB, "<b>Bob</b>")}
    said |= {"body": "see <b>www.a.kz</b>", "reply_to": None, "thread": None, "attachments": []}
    known = {"why": "link", "state": "waiting", "held_at": "2026-11-22T11:00:00.000Z", "decided_at": None}
    return {**said, **known, **facts}


@pytest.fixture
def waiting(services: Services) -> Services:
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/held", {"items": [held(attachments=[{"name": "a.txt"}])], "has_more": False})
    return services


async def test_it_is_listed_with_two_answers(ada: AsyncClient, waiting: Services) -> None:
    text = html(await ada.get(PAGE))

    assert "see &lt;b&gt;www.a.kz&lt;/b&gt;" in text
    assert "&lt;b&gt;Bob&lt;/b&gt;" in text
    assert "a.txt" in text
    assert all(f'action="{PAGE}/{ID}/{deed}"' in text for deed in ("approve", "reject"))
    assert 'data-note="none" hidden' in text


@pytest.mark.parametrize("deed", ["approve", "reject"])
async def test_a_decision_is_handed_on(ada: AsyncClient, waiting: Services, deed: str) -> None:
    waiting.answer("chat", "POST", f"{API}/held/{ID}/{deed}", {})

    answer = await ada.post(f"{PAGE}/{ID}/{deed}")

    assert answer["Location"] == PAGE
    assert len(waiting.calls("chat", "POST", f"{API}/held/{ID}/{deed}")) == 1


async def test_who_came_too_late_reads_so_above_the_rest(ada: AsyncClient, waiting: Services) -> None:
    waiting.refuse(
        "chat", "POST", f"{API}/held/{ID}/approve", 409, "already_decided", message="Somebody else was first."
    )

    answer = await ada.post(f"{PAGE}/{ID}/approve")

    assert (answer.status_code, "Somebody else was first." in html(answer)) == (409, True)


async def test_who_may_not_see_it_is_refused(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", API, chat(role="member"))
    services.refuse("chat", "GET", f"{API}/held", 403, "not_allowed")

    assert (await ada.get(PAGE)).status_code == 403


async def test_one_s_own_stands_below_the_messages_and_can_be_taken_back(ada: AsyncClient, services: Services) -> None:
    page = {"items": [message(1)], "has_more": False, "held": [held()]}
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/messages", page)
    services.answer("chat", "GET", f"{API}/pins", {"items": []})
    services.answer("chat", "DELETE", f"{API}/held/{ID}", None)

    text = html(await ada.get(f"/chats/{CHAT}"))
    answer = await ada.post(f"{PAGE}/{ID}/drop")

    assert "Waiting for approval" in text
    assert f'action="{PAGE}/{ID}/drop"' in text
    assert 'id="own-held"' in text
    assert answer["Location"] == f"/chats/{CHAT}"
    assert len(services.calls("chat", "DELETE", f"{API}/held/{ID}")) == 1


async def test_whoever_has_nothing_held_reads_nothing_of_it(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/messages", {"items": [message(1)], "has_more": False})
    services.answer("chat", "GET", f"{API}/pins", {"items": []})

    assert "own-held" not in html(await ada.get(f"/chats/{CHAT}"))
