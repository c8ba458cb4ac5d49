"""A message is forwarded from a page with one's chats, which are looked for and ticked; without scripts."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import CHAT, Services, chat, html, message

OTHER = "55555555-5555-4555-8555-555555555555"
THIRD = "66666666-6666-4666-8666-666666666666"
UUID = "44444444-4444-4444-8444-444444444444"
API = f"/api/chats/{CHAT}"
PAGE = f"/chats/{CHAT}/messages/2/forward"
FORWARD = f"{API}/messages/2/forward"


@pytest.fixture(autouse=True)
def said(ada: AsyncClient, services: Services) -> None:
    """After `ada`, who has a list of chats of her own."""
    answer(services, message(2, "<i>tea</i>"))


def answer(services: Services, item: dict[str, Any], **other: object) -> None:
    services.answer("chat", "GET", API, chat(last_seq=2))
    services.answer("chat", "GET", f"{API}/messages", {"items": [item], "has_more": False})
    listed = [chat(id=OTHER, title="Coffee", **other), chat(id=THIRD, title="<Juice>")]
    services.answer("chat", "GET", "/api/chats", {"items": listed, "next": None})


async def test_it_shows_the_message_and_the_chats_it_may_go_to(ada: AsyncClient, services: Services) -> None:
    shown = html(await ada.get(f"{PAGE}?find=fee"))

    assert "&lt;i&gt;tea&lt;/i&gt;" in shown
    assert f'name="to" value="{OTHER}"' in shown
    assert "&lt;Juice&gt;" in shown
    assert {"q": "fee", "limit": "50"} in [asked.query for asked in services.calls("chat", "GET", "/api/chats")]


@pytest.mark.parametrize(
    "facts", [{"announcement_only": True, "role": "member"}, {"closed_at": "2026-11-22T10:00:00.000Z"}]
)
async def test_where_one_writes_nothing_nothing_is_offered(
    ada: AsyncClient, services: Services, facts: dict[str, Any]
) -> None:
    answer(services, message(2), **facts)

    shown = html(await ada.get(PAGE))

    assert f'name="to" value="{OTHER}"' not in shown
    assert f'name="to" value="{THIRD}"' in shown


async def test_to_one_chat_it_leads_there_and_to_several_back(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "POST", FORWARD, message(1), status=201)

    one = await ada.post(PAGE, {"client_id": UUID, "to": [OTHER]})
    several = await ada.post(PAGE, {"client_id": UUID, "to": [OTHER, THIRD, OTHER]})

    assert (one["Location"], several["Location"]) == (f"/chats/{OTHER}", f"/chats/{CHAT}")
    sent = [asked.json for asked in services.calls("chat", "POST", FORWARD)]
    assert sent == [{"to": to, "client_id": UUID} for to in (OTHER, OTHER, THIRD)]


async def test_what_is_refused_is_said_and_stays_ticked_under_the_same_id(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "POST", FORWARD, 403, "links_refused")

    response = await ada.post(PAGE, {"client_id": UUID, "to": [THIRD]})

    assert response.status_code == 422
    assert "The service said links_refused." in html(response)
    assert f'value="{THIRD}" checked' in html(response)
    assert f'name="client_id" value="{UUID}"' in html(response)


@pytest.mark.parametrize("count", [0, 11])
async def test_none_or_too_many_are_asked_to_be_chosen_again(ada: AsyncClient, services: Services, count: int) -> None:
    to = [f"{number:08}-5555-4555-8555-555555555555" for number in range(count)]

    response = await ada.post(PAGE, {"client_id": UUID, "to": to})

    assert response.status_code == 422
    assert "Choose one to ten chats." in html(response)
    assert not services.calls("chat", "POST", FORWARD)


async def test_what_is_no_id_is_asked_of_nobody(ada: AsyncClient, services: Services) -> None:
    response = await ada.post(PAGE, {"client_id": UUID, "to": ["../members"]})

    assert response.status_code == 422
    assert not services.calls("chat", "POST", FORWARD)


@pytest.mark.parametrize(
    "item",
    [
        message(2, "", deleted_at="2026-11-22T11:00:00.000Z"),
        message(2, "", kind="system", system={"type": "pinned", "seq": 1}),
        message(3),
    ],
)
async def test_what_is_deleted_the_systems_or_not_there_is_not_found(
    ada: AsyncClient, services: Services, item: dict[str, Any]
) -> None:
    answer(services, item)

    assert (await ada.get(PAGE)).status_code == 404


async def test_a_forwarded_message_says_who_said_it_first_and_is_not_edited(
    ada: AsyncClient, services: Services
) -> None:
    answer(services, message(2, forwarded={"display_name": "<Bob>"}))

    shown = html(await ada.get(f"/chats/{CHAT}"))

    assert '<p class="message__forwarded">Forwarded from <bdi>&lt;Bob&gt;</bdi></p>' in shown
    assert f'data-action="forward" href="{PAGE}"' in shown
    assert "/messages/2/edit" not in shown
