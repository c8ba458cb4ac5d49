"""Pages that lead to a message, to a day, to what is new."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html, message

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"


@pytest.fixture
def talk(services: Services) -> Services:
    services.answer("chat", "GET", API, chat(last_seq=42))
    return services


def page_of(*seqs: int, **facts: object) -> dict:
    return {"items": [message(seq) for seq in seqs], "has_more": False, **facts}


async def test_a_page_stands_around_the_message_that_was_asked_for(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages", page_of(40, 41, 42, has_later=True))

    shown = html(await ada.get(f"{PAGE}?at=41"))

    assert talk.call("chat", "GET", f"{API}/messages").query["around"] == "41"
    assert shown.count("message--target") == shown.count("autofocus") == 1
    assert "Newest messages" in shown


async def test_where_nothing_comes_later_the_page_is_the_present(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages", page_of(1, 2, has_later=False))

    assert "data-has-later" not in html(await ada.get(f"{PAGE}?at=2"))


async def test_a_line_stands_above_what_is_new(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", API, chat(last_seq=3, read_seq=1, unread=2))
    talk.answer("chat", "GET", f"{API}/messages", page_of(1, 2, 3))

    shown = html(await ada.get(PAGE))

    first, line, second = (shown.index(text) for text in ('data-seq="1"', "timeline__unread", 'data-seq="2"'))
    assert first < line < second
    assert "To the first new message" not in shown


async def test_where_that_is_on_an_earlier_page_a_link_leads_there(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", API, chat(last_seq=90, read_seq=10, unread=80))
    talk.answer("chat", "GET", f"{API}/messages", page_of(*range(41, 91)))

    shown = html(await ada.get(PAGE))

    assert f'href="{PAGE}?at=11&amp;new=1"' in shown
    assert '"timeline__unread"' not in shown


async def test_a_day_leads_to_its_first_message(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages/at", {"seq": 7})

    response = await ada.get(f"{PAGE}?date=2026-11-02")

    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?at=7")
    assert talk.call("chat", "GET", f"{API}/messages/at").query["date"] == "2026-11-02"


async def test_where_nothing_was_said_any_day_leads_into_the_chat(ada: AsyncClient, talk: Services) -> None:
    talk.refuse("chat", "GET", f"{API}/messages/at", 404, "no_such_message")

    assert (await ada.get(f"{PAGE}?date=2026-11-02"))["Location"] == PAGE
