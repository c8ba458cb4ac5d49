"""A thread is marked in the chat, and stands on a page of its own; without scripts too."""

from django.test import AsyncClient

from gateway_svc.tests.conftest import BOB, CHAT, Services, chat, html, message, person

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"
REPLIES = {"replies": {"count": 1, "last_seq": 2, "people": [BOB]}}


def answer(services: Services, *items: dict, **facts: object) -> None:
    services.answer("chat", "GET", API, chat(last_seq=3, **facts))
    services.answer("chat", "GET", f"{API}/messages", {"items": list(items), "has_more": False})


def answer_thread(services: Services, *replies: dict, has_more: bool = False, **root: object) -> None:
    page = {"root": message(1, "tea?", **{**REPLIES, **root}), "items": list(replies), "has_more": has_more}
    services.answer("chat", "GET", f"{API}/messages/1/thread", page)


async def test_in_the_chat_a_reply_says_whose_thread_it_is_in_and_the_root_how_many_there_are(
    ada: AsyncClient, services: Services
) -> None:
    answer(services, message(1, "tea?", **REPLIES), message(2, "yes", sender=person(BOB, "<Bob>"), thread=1))

    shown = html(await ada.get(PAGE))

    assert f'<a class="message__thread" href="{PAGE}/threads/1">In the thread of Ada</a>' in shown
    assert f'<a class="message__replies" href="{PAGE}/threads/1" data-count="1">1 reply</a>' in shown
    assert f'data-action="thread" href="{PAGE}/threads/1"' in shown


async def test_of_a_root_that_is_not_on_the_page_no_name_is_known(ada: AsyncClient, services: Services) -> None:
    answer(services, message(2, "yes", thread=1), message(3, replies={"count": 2, "last_seq": 9, "people": [BOB]}))

    shown = html(await ada.get(PAGE))

    assert ">In a thread</a>" in shown
    assert ">2 replies</a>" in shown


async def test_the_page_shows_the_message_and_then_its_replies_and_asks_for_nothing_else(
    ada: AsyncClient, services: Services
) -> None:
    answer(services)
    answer_thread(services, message(2, "yes", thread=1), message(5, "fine", thread=1), has_more=True)

    shown = html(await ada.get(f"{PAGE}/threads/1"))

    assert shown.index("tea?") < shown.index("yes") < shown.index("fine")
    assert 'data-thread="1" data-kind="group"' in shown
    assert 'data-first-seq="2"' in shown
    assert f'href="{PAGE}/threads/1?before=2"' in shown
    assert not services.calls("chat", "GET", f"{API}/messages")
    assert not services.calls("chat", "GET", f"{API}/pins")


async def test_what_is_written_there_goes_into_the_thread_once(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "POST", f"{API}/messages", message(2, thread=1), status=201)
    client_id = "44444444-4444-4444-8444-444444444444"

    response = await ada.post(f"{PAGE}/threads/1", {"client_id": client_id, "body": "yes\r\nplease"})

    assert response["Location"] == f"{PAGE}/threads/1"
    sent = services.call("chat", "POST", f"{API}/messages").json
    assert sent == {"client_id": client_id, "body": "yes\nplease", "thread": 1}


async def test_a_refused_reply_is_not_lost(ada: AsyncClient, services: Services) -> None:
    answer(services)
    answer_thread(services)
    services.refuse("chat", "POST", f"{API}/messages", 429, "slow_mode", retry_after="9")

    response = await ada.post(f"{PAGE}/threads/1", {"body": "my words"})

    assert response.status_code == 422
    assert "my words</textarea>" in html(response)
    assert "The service said slow_mode." in html(response)


async def test_where_the_root_is_deleted_nothing_is_added(ada: AsyncClient, services: Services) -> None:
    answer(services)
    answer_thread(services, message(2, "yes", thread=1), deleted_at="2026-11-22T11:00:00.000Z")

    shown = html(await ada.get(f"{PAGE}/threads/1"))

    assert "Nothing more can be added." in shown
    assert "<textarea" not in shown
    assert "yes" in shown


async def test_what_is_no_thread_of_theirs_is_not_found(ada: AsyncClient, services: Services) -> None:
    answer(services)
    services.refuse("chat", "GET", f"{API}/messages/1/thread", 404, "message_not_found")

    assert (await ada.get(f"{PAGE}/threads/1")).status_code == 404


async def test_while_the_chat_service_fails_the_page_says_so(ada: AsyncClient, services: Services) -> None:
    answer(services)
    services.refuse("chat", "GET", f"{API}/messages/1/thread", 503)

    response = await ada.get(f"{PAGE}/threads/1")

    assert response.status_code == 200
    assert "This part is not available right now." in html(response)
