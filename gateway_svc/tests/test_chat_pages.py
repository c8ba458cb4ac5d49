"""The list of chats, one chat, and writing without JavaScript."""

import asyncio
import re
from urllib.parse import quote

import pytest
from django.test import AsyncClient

from abdre.service_client import TIMEOUT_S, Answer
from gateway_svc.selectors.api import Api
from gateway_svc.tests.conftest import ADA, BOB, CHAT, Services, chat, html, message, person

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"


@pytest.fixture
def talk(services: Services) -> Services:
    services.answer("chat", "GET", API, chat(last_seq=2))
    items = [message(1, "hello"), message(2, "hello back", sender=person(BOB, "Bob", is_guest=True))]
    services.answer("chat", "GET", f"{API}/messages", {"items": items, "has_more": False})
    return services


async def test_the_list_shows_title_last_words_and_what_is_unread(ada: AsyncClient, services: Services) -> None:
    last = message(3, "see you\nthere", sender=person(BOB, "Bob"))
    services.answer("chat", "GET", "/api/chats", {"items": [chat(last_message=last, unread=2)], "next": None})

    response = await ada.get("/chats")

    for fact in ("Tea", "Bob: see you there", '<span class="chat-list__count">2</span>'):
        assert fact in html(response)


async def test_an_empty_list_says_what_to_do(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [], "next": None})

    response = await ada.get("/chats")

    assert "No chats yet." in html(response)


async def test_the_list_goes_on_where_the_service_says(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", "/api/chats", {"items": [chat()], "next": "2026+x_1"})

    shown = await ada.get("/chats")
    await ada.get("/chats?chats_before=2026%2Bx_1")

    assert "/chats?chats_before=2026%2Bx_1" in html(shown)
    assert services.calls("chat", "GET", "/api/chats")[-1].query == {"before": "2026+x_1"}


async def test_a_list_that_does_not_come_is_shown_as_unavailable(ada: AsyncClient, services: Services) -> None:
    services.away("chat")

    response = await ada.get("/chats")

    assert response.status_code == 200
    assert "not available right now" in html(response)
    assert "No chats yet." not in html(response)


async def test_the_messages_are_read_after_the_version_that_is_said_to_cover_them(
    ada: AsyncClient, talk: Services
) -> None:
    await ada.get(PAGE)

    assert talk.was_asked_after(f"{API}/messages", API)


async def test_a_chat_shows_its_messages_who_wrote_them_and_which_are_ones_own(
    ada: AsyncClient, talk: Services
) -> None:
    response = await ada.get(PAGE)

    text = html(response)
    assert re.search(r'class="message message--own message--first" id="m-[0-9a-f-]+" data-seq="1"', text)
    assert 'class="message message--first" id=' in text
    assert f'<bdi class="message__sender" data-name="{BOB}">Bob</bdi></a> <span class="badge message__badge">' in text


async def test_the_page_tells_the_script_where_it_stands(ada: AsyncClient, talk: Services) -> None:
    response = await ada.get(PAGE)

    section = re.search(r'<section class="chat"[^>]+>', html(response))
    assert section is not None
    for fact in (
        f'data-chat="{CHAT}"',
        'data-kind="group"',
        'data-role="owner"',
        'data-version="1"',
        'data-last-seq="2"',
    ):
        assert fact in section[0]
    assert 'data-first-seq="1"' in section[0]


async def test_the_parts_of_a_page_are_asked_for_as_the_person(ada: AsyncClient, talk: Services) -> None:
    await ada.get(PAGE)

    assert {asked.path for asked in talk.asked} == {
        "/api/users/me",
        "/api/chats",
        API,
        f"{API}/messages",
        f"{API}/pins",
    }
    assert all(asked.headers["authorization"].startswith("Bearer ") for asked in talk.asked)


async def test_who_looks_is_not_asked_for_again_on_each_page(ada: AsyncClient, talk: Services) -> None:
    first, second = await ada.get(PAGE), await ada.get(PAGE)

    assert len(talk.calls("user", "GET", "/api/users/me")) == 1
    assert all("Ada" in html(page) for page in (first, second))


async def test_who_is_kept_here_but_signed_out_sees_no_page(ada: AsyncClient, talk: Services) -> None:
    await ada.get(PAGE)
    for path in ("/api/chats", API):
        talk.refuse("chat", "GET", path, 401, "not_signed_in")

    assert (await ada.get(PAGE)).status_code == 303


async def test_what_was_typed_is_escaped_and_its_addresses_are_links(ada: AsyncClient, talk: Services) -> None:
    body = '<img src=x onerror=alert(1)> see https://example.org/?a=1&b="2" & https://user@evil.example'
    talk.answer("chat", "GET", f"{API}/messages", {"items": [message(1, body)], "has_more": False})

    response = await ada.get(PAGE)

    assert "<img src=x" not in html(response)
    assert '<a href="https://example.org/?a=1&amp;b=" target="_blank" rel="noopener noreferrer nofollow">' in html(
        response
    )
    assert 'href="https://user@evil.example' not in html(response)


async def test_a_name_that_a_webhook_chose_stands_beside_its_own(ada: AsyncClient, talk: Services) -> None:
    bot = {**person(BOB, "CI"), "is_bot": True}
    items = [message(1, sender=bot), message(2, sender=bot, shown_as="<i>Deploy</i>")]
    talk.answer("chat", "GET", f"{API}/messages", {"items": items, "has_more": False})

    text = html(await ada.get(PAGE))

    assert 'data-name="">&lt;i&gt;Deploy&lt;/i&gt;</bdi>' in text
    assert text.count('<span class="message__via">by the webhook <bdi>CI</bdi></span>') == 1
    assert text.count('class="message message--first"') == 2  # another voice, although it is the same bot


async def test_a_deleted_message_has_no_body_and_no_menu(ada: AsyncClient, talk: Services) -> None:
    gone = message(1, "", deleted_at="2026-11-22T10:05:00.000Z")
    talk.answer("chat", "GET", f"{API}/messages", {"items": [gone], "has_more": False})

    response = await ada.get(PAGE)

    assert "This message was deleted." in html(response)
    assert f"{PAGE}/messages/1/delete" not in html(response)


async def test_of_what_a_moderator_deleted_it_says_so(ada: AsyncClient, talk: Services) -> None:
    gone = message(1, "", deleted_at="2026-11-22T10:05:00.000Z", deleted_by_staff=True)
    talk.answer("chat", "GET", f"{API}/messages", {"items": [gone], "has_more": False})

    assert "A moderator deleted this message." in html(await ada.get(PAGE))


async def test_earlier_messages_are_a_link_away_without_a_script(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages", {"items": [message(51)], "has_more": True})

    newest = await ada.get(PAGE)
    earlier = await ada.get(f"{PAGE}?before=51")

    assert f'href="{PAGE}?before=51"' in html(newest)
    assert talk.calls("chat", "GET", f"{API}/messages")[-1].query == {"before": "51", "limit": "50"}
    assert "timeline__later" in html(earlier)


@pytest.mark.parametrize("nonsense", ["x", "-1", "1e3", "", "٣"])
async def test_a_place_that_is_no_number_shows_the_newest(ada: AsyncClient, talk: Services, nonsense: str) -> None:
    response = await ada.get(PAGE, {"before": nonsense})

    assert response.status_code == 200
    assert "before" not in talk.call("chat", "GET", f"{API}/messages").query


async def test_messages_that_do_not_come_leave_the_rest_of_the_page(ada: AsyncClient, talk: Services) -> None:
    talk.refuse("chat", "GET", f"{API}/messages", 503, "unavailable")

    response = await ada.get(PAGE)

    assert response.status_code == 200
    assert "not available right now" in html(response)
    assert "Tea" in html(response)


async def test_a_page_is_compressed_for_who_can_read_it_so(ada: AsyncClient, talk: Services) -> None:
    plain = await ada.get(PAGE)
    packed = await ada.get(PAGE, headers={"Accept-Encoding": "br, gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in plain["Vary"]


async def test_another_persons_chat_is_not_there(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "GET", API, 404, "chat_not_found")

    response = await ada.get(PAGE)

    assert response.status_code == 404


async def test_a_chat_that_is_over_can_be_read_and_not_written_in(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", API, chat(closed_at="2026-11-22T11:00:00.000Z"))

    response = await ada.get(PAGE)

    assert "This chat is over" in html(response)
    assert "<textarea" not in html(response)
    assert "data-closed" in html(response)


async def test_a_message_is_sent_once_by_the_forms_own_id(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "POST", f"{API}/messages", message(3), status=201)
    client_id = message(3)["client_id"]

    response = await ada.post(f"{PAGE}/messages", {"body": "one\r\ntwo", "client_id": client_id, "reply_to": "2"})

    assert (response.status_code, response["Location"]) == (303, PAGE)
    sent = talk.call("chat", "POST", f"{API}/messages").json
    assert sent == {"client_id": client_id, "body": "one\ntwo", "reply_to": 2}


async def test_reading_is_told_by_a_button_where_no_script_tells_it(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", API, chat(last_seq=2, read_seq=1, unread=1))
    talk.answer("chat", "POST", f"{API}/read", status=204)

    shown = await ada.get(PAGE)
    response = await ada.post(f"{PAGE}/read", {"seq": "2"})

    assert "I have read this" in html(shown)
    assert response["Location"] == PAGE
    assert talk.call("chat", "POST", f"{API}/read").json == {"seq": 2}


async def test_a_refused_message_comes_back_with_the_reason(ada: AsyncClient, talk: Services) -> None:
    talk.refuse("chat", "POST", f"{API}/messages", 422, "invalid", fields={"body": ["Too long."]})

    response = await ada.post(f"{PAGE}/messages", {"body": "what I <wrote>"})

    assert response.status_code == 422
    assert "Too long." in html(response)
    assert "what I &lt;wrote&gt;</textarea>" in html(response)


@pytest.mark.parametrize("deed", ["edit", "delete"])
async def test_what_may_not_be_done_to_a_message_has_no_page(ada: AsyncClient, talk: Services, deed: str) -> None:
    talk.answer("chat", "GET", API, chat(role="member"))
    others = message(2, "bob's words", sender=person(BOB, "Bob"))
    talk.answer("chat", "GET", f"{API}/messages", {"items": [others], "has_more": False})

    assert (await ada.get(f"{PAGE}/messages/2/{deed}")).status_code == 403


async def test_a_message_is_edited_deleted_and_answered_on_pages_of_their_own(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages", {"items": [message(2, "old words")], "has_more": False})
    talk.answer("chat", "PATCH", f"{API}/messages/2", message(2))
    talk.answer("chat", "DELETE", f"{API}/messages/2", message(2))

    shown = await ada.get(f"{PAGE}/messages/2/edit")
    edited = await ada.post(f"{PAGE}/messages/2/edit", {"body": "new words"})
    asked = await ada.get(f"{PAGE}/messages/2/delete")
    deleted = await ada.post(f"{PAGE}/messages/2/delete")
    answering = await ada.get(f"{PAGE}/messages/2/reply")

    assert "old words</textarea>" in html(shown)
    assert talk.call("chat", "PATCH", f"{API}/messages/2").json == {"body": "new words"}
    assert "It goes away for everybody." in html(asked)
    assert (edited["Location"], deleted["Location"]) == (PAGE, PAGE)
    assert 'name="reply_to" value="2"' in html(answering)


async def test_opening_the_delete_page_deletes_nothing(ada: AsyncClient, talk: Services) -> None:
    await ada.get(f"{PAGE}/messages/1/delete")

    assert talk.calls("chat", "DELETE", f"{API}/messages/1") == []


async def test_a_message_that_is_not_there_has_no_page(ada: AsyncClient, talk: Services) -> None:
    response = await ada.get(f"{PAGE}/messages/99/edit")

    assert response.status_code == 404


async def test_what_is_asked_in_turn_has_one_time_out_together() -> None:
    given: list[float] = []

    async def ask(*_: object, timeout_s: float, **__: object) -> Answer:
        given.append(timeout_s)
        await asyncio.sleep(0.05)
        return Answer(200, {})

    api = Api(ask)
    await api.get("chat", "/first")
    await api.get("chat", "/second")

    assert given[0] <= TIMEOUT_S
    assert given[1] <= given[0] - 0.05


RICH = {"html": "<p>so <strong>good</strong></p>", "preview": "so good"}


async def test_markdown_is_shown_as_the_service_made_it_and_kept_as_typed_beside(
    ada: AsyncClient, services: Services
) -> None:
    services.answer("chat", "GET", API, chat(last_seq=2))
    items = [message(1, "so **good** <b>", **RICH), message(2, "yes", reply_to=1)]
    services.answer("chat", "GET", f"{API}/messages", {"items": items, "has_more": False})
    services.answer("chat", "GET", "/api/chats", {"items": [chat(last_message=items[0])], "next": None})

    shown = html(await ada.get(PAGE))

    assert "<p>so <strong>good</strong></p>" in shown
    assert 'data-source="so **good** &lt;b&gt;"' in shown
    assert 'message__quote" href="#m-33333333-3333-4333-8333-000000000001" dir="auto">Ada: so good</a>' in shown
    assert "You: so good" in shown


async def test_reactions_are_buttons_that_say_whether_one_is_among_them(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", API, chat(last_seq=1))
    mine = {"emoji": "👍", "count": 2, "users": [BOB, ADA]}
    theirs = {"emoji": "🎉", "count": 1, "users": [BOB]}
    page = {"items": [message(1, reactions=[mine, theirs])], "has_more": False}
    services.answer("chat", "GET", f"{API}/messages", page)

    shown = html(await ada.get(PAGE))

    assert f'name="take" value="👍" data-users="{BOB} {ADA}" aria-pressed="true"' in shown
    assert f'name="give" value="🎉" data-users="{BOB}" aria-pressed="false"' in shown


@pytest.mark.parametrize(("deed", "method"), [("give", "PUT"), ("take", "DELETE")])
async def test_a_reaction_without_scripts(ada: AsyncClient, talk: Services, deed: str, method: str) -> None:
    path = f"{API}/messages/2/reactions/{quote('❤️')}"
    talk.answer("chat", method, path, message(2))

    chosen = html(await ada.get(f"{PAGE}/messages/2/react"))
    response = await ada.post(f"{PAGE}/messages/2/react", {deed: "❤️"})

    assert 'name="give" value="❤️"' in chosen
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert len(talk.calls("chat", method, path)) == 1


@pytest.mark.parametrize("emoji", ["", "..", "../../members", "x"])
async def test_what_is_no_emoji_is_asked_of_nobody(ada: AsyncClient, talk: Services, emoji: str) -> None:
    response = await ada.post(f"{PAGE}/messages/2/react", {"take": emoji})

    assert response.status_code == 422


async def test_a_message_is_marked_unread_without_scripts(ada: AsyncClient, talk: Services) -> None:
    talk.answer("chat", "GET", f"{API}/messages", {"items": [message(2)], "has_more": False})
    talk.answer("chat", "POST", f"{API}/unread", status=204)

    asked = await ada.get(f"{PAGE}/messages/2/unread")
    done = await ada.post(f"{PAGE}/messages/2/unread")

    assert "Mark as unread?" in html(asked)
    assert done["Location"] == "/chats"
    assert talk.call("chat", "POST", f"{API}/unread").json == {"seq": 2}
