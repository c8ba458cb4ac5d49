"""What was sent beside words: in the timeline, in lists, on a page of its own."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html, message

FILES = f"/api/chats/{CHAT}/attachments"
ID = "33333333-3333-4333-8333-333333333333"


def attachment(**facts: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "name": "hills & <b>more</b>.jpg",
        "kind": "image",
        "content_type": "image/jpeg",
        "size": 300_000,
        "width": 1600,
        "height": 900,
        "animated": False,
        "placeholder": "data:image/webp;base64,UklGRg==",
        "duration_ms": None,
        **facts,
    }


def sent(**facts: Any) -> dict[str, Any]:
    more = {
        "chat": CHAT,
        "seq": 7,
        "sender": {"id": ID, "display_name": "Bob"},
        "created_at": "2026-11-26T05:00:00.000Z",
    }
    return {**attachment(**facts), **more}


VOICE = {"kind": "audio", "name": "voice.webm", "duration_ms": 61_400, "width": None, "height": None, "placeholder": ""}
NOTES = {"kind": "file", "name": "notes.pdf", "size": 2_000_000, "width": None, "height": None, "placeholder": ""}


@pytest.fixture
def said(services: Services) -> Services:
    items = [
        message(1, "", attachments=[attachment()]),
        message(2, "", attachments=[attachment(**VOICE)]),
        message(3, "look", attachments=[attachment(**NOTES)]),
    ]
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", f"/api/chats/{CHAT}/messages", {"items": items, "has_more": False})
    return services


async def test_a_picture_has_its_place_before_it_is_loaded_and_nothing_of_its_name_is_markup(
    ada: AsyncClient, said: Services
):
    page = html(await ada.get(f"/chats/{CHAT}"))

    assert f'src="{FILES}/{ID}/content?variant=thumb" width="320" height="180"' in page
    assert 'alt="hills &amp; &lt;b&gt;more&lt;/b&gt;.jpg"' in page
    assert 'src="data:image/webp;base64,UklGRg=="' in page
    assert "<b>more</b>" not in page


async def test_a_sound_can_be_played_and_a_file_saved(ada: AsyncClient, said: Services):
    page = html(await ada.get(f"/chats/{CHAT}"))

    assert f'aria-label="voice.webm" src="{FILES}/{ID}/content"' in page
    assert "1:01" in page
    assert f'href="{FILES}/{ID}/content" download' in page
    assert "1.9 MB" in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [({}, "Photo"), (VOICE, "Voice message"), (NOTES, "notes.pdf"), ({"kind": "audio", "name": "a.mp3"}, "a.mp3")],
)
async def test_a_message_of_files_alone_has_a_name_in_the_list(
    ada: AsyncClient, services: Services, facts: dict[str, Any], words: str
):
    last = message(3, "", attachments=[attachment(**facts)])
    services.answer("chat", "GET", "/api/chats", {"items": [chat(last_message=last)], "next": None})

    assert f": {words}<" in html(await ada.get("/chats"))


async def test_the_files_of_a_chat_have_a_page_of_their_own(ada: AsyncClient, services: Services):
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", FILES, {"items": [sent(), sent(**NOTES)], "next": "7.0"})

    page = html(await ada.get(f"/chats/{CHAT}/files?before=9.1"))

    assert services.call("chat", "GET", FILES).query == {"before": "9.1"}
    assert "notes.pdf" in page
    assert f'href="/chats/{CHAT}?before=8"' in page
    assert f'href="/chats/{CHAT}/files?before={quote("7.0")}"' in page


async def test_a_page_of_no_files_says_so_and_one_that_cannot_be_had_too(ada: AsyncClient, services: Services):
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", FILES, {"items": [], "next": None})
    assert "Nothing was sent here yet." in html(await ada.get(f"/chats/{CHAT}/files"))

    services.refuse("chat", "GET", FILES, 503, "unavailable")
    page = html(await ada.get(f"/chats/{CHAT}/files"))
    assert "Nothing was sent here yet." not in page


async def test_a_strangers_chat_has_no_files(ada: AsyncClient, services: Services):
    services.refuse("chat", "GET", f"/api/chats/{CHAT}", 404, "chat_not_found")

    assert (await ada.get(f"/chats/{CHAT}/files")).status_code == 404
