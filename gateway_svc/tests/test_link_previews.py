"""The card below a message: what the other site says is text, its picture comes from here, and it can be taken off."""

from django.test import AsyncClient

from gateway_svc.tests.conftest import BOB, CHAT, Services, chat, html, message, person

PAGE = f"/chats/{CHAT}"
API = f"/api/chats/{CHAT}"
PICTURE = "11111111-1111-4111-8111-111111111111"
CARD = {
    "url": "https://tea.example/?a=1&b=2",
    "title": "<b>Leaf</b>",
    "description": "Of tea",
    "site_name": "Tea House",
    "picture": {"id": PICTURE, "width": 320, "height": 168},
}
REMOVE = f'action="{PAGE}/messages/1/remove-preview"'


def answer(services: Services, *items: dict, **facts: object) -> None:
    services.answer("chat", "GET", API, chat(last_seq=1, **facts))
    services.answer("chat", "GET", f"{API}/messages", {"items": list(items), "has_more": False})


async def test_a_card_leads_to_the_page_and_asks_it_for_nothing(ada: AsyncClient, services: Services) -> None:
    answer(services, message(1, link_preview=CARD))

    shown = html(await ada.get(PAGE))

    assert 'href="https://tea.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow"' in shown
    assert ">&lt;b&gt;Leaf&lt;/b&gt;</strong>" in shown
    assert ">Tea House</span>" in shown
    assert f'src="{API}/attachments/{PICTURE}/content" width="320" height="168"' in shown
    assert 'src="http' not in shown


async def test_without_a_picture_it_has_none(ada: AsyncClient, services: Services) -> None:
    answer(services, message(1, link_preview={**CARD, "picture": None}))

    shown = html(await ada.get(PAGE))

    assert 'class="link-preview link-preview--plain"' in shown
    assert "/content" not in shown


async def test_its_sender_and_who_manages_the_chat_take_it_off(ada: AsyncClient, services: Services) -> None:
    for role, sender, may in [
        ("member", person(), True),
        ("member", person(BOB, "Bob"), False),
        ("admin", person(BOB, "Bob"), True),
    ]:
        answer(services, message(1, link_preview=CARD, sender=sender), role=role)

        assert (REMOVE in html(await ada.get(PAGE))) == may, (role, sender)


async def test_in_a_closed_chat_it_stays(ada: AsyncClient, services: Services) -> None:
    answer(services, message(1, link_preview=CARD), closed_at="2026-11-26T08:00:00Z")

    shown = html(await ada.get(PAGE))

    assert "Leaf" in shown
    assert REMOVE not in shown


async def test_the_button_takes_it_off_without_scripts(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "DELETE", f"{API}/messages/1/link-preview", message(1))

    answered = await ada.post(f"{PAGE}/messages/1/remove-preview")

    assert (answered.status_code, answered["Location"]) == (303, PAGE)
    assert services.calls("chat", "DELETE", f"{API}/messages/1/link-preview")
