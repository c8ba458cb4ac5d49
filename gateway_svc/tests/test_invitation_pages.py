"""The host's pages: the code, what became of it, and codes with other options."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import BOB, CHAT, INVITATION, Services, chat, html, invitation, person

PAGE = f"/chats/{CHAT}/invitations/{INVITATION}"
API = f"/api/auth/invitations/{INVITATION}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h1v1z"/></svg>'
LINK = "http://192.0.2.2:8000/join/abc"


@pytest.fixture
def shown(services: Services) -> Services:
    services.answer("auth", "GET", API, invitation())
    services.answer("auth", "GET", f"{API}/qr.svg", SVG)
    services.answer("auth", "GET", f"{API}/link", {"url": LINK})
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    return services


async def test_the_code_stands_in_the_page_itself_with_its_link_and_pictures(ada: AsyncClient, shown: Services) -> None:
    response = await ada.get(PAGE)

    for fact in (SVG, f'data-url="{LINK}"', f'href="{API}/qr.svg"', f'href="{API}/qr.png"', "0 of 1 used", "Tea"):
        assert fact in html(response)


async def test_the_tracker_says_how_far_it_came_and_who_came_in(ada: AsyncClient, shown: Services) -> None:
    use = {"user": person(BOB, "Bob", is_guest=True), "joined_at": "2026-11-22T10:03:00.000Z", "active": True}
    facts = invitation(status="joined", uses=1, max_uses=5, opened_at="2026-11-22T10:02:00.000Z", people=[use])
    shown.answer("auth", "GET", API, facts)

    text = html(await ada.get(PAGE))

    assert 'data-step="opened" data-done="true"' in text
    assert 'data-step="joined" data-done="true"' in text
    assert 'data-step="declined" data-done="false" hidden' in text
    assert "1 of 5 used" in text
    assert "Bob" in text


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("expired", "This code has expired"),
        ("revoked", "This code was taken back"),
        ("used_up", "This code is used up"),
    ],
)
async def test_a_dead_code_offers_a_fresh_one(ada: AsyncClient, shown: Services, status: str, heading: str) -> None:
    shown.answer("auth", "GET", API, invitation(status=status))

    text = html(await ada.get(PAGE))

    assert heading in text
    assert "Make a fresh code" in text
    assert 'data-action="copy"' not in text


async def test_a_picture_that_is_no_picture_is_not_put_into_the_page(ada: AsyncClient, shown: Services) -> None:
    shown.answer("auth", "GET", f"{API}/qr.svg", "<svg ><script>alert(1)</script></svg>")

    response = await ada.get(PAGE)

    assert "alert(1)" not in html(response)
    assert f'<img src="{API}/qr.svg"' in html(response)


async def test_a_code_that_cannot_be_drawn_any_more_leaves_the_page(ada: AsyncClient, shown: Services) -> None:
    shown.refuse("auth", "GET", f"{API}/qr.svg", 410, "qr_unavailable")
    shown.refuse("auth", "GET", f"{API}/link", 410, "qr_unavailable")

    response = await ada.get(PAGE)

    assert response.status_code == 200


async def test_a_code_of_another_chat_has_no_page_here(ada: AsyncClient, shown: Services) -> None:
    shown.answer("auth", "GET", API, invitation(chat=INVITATION))

    response = await ada.get(PAGE)

    assert response.status_code == 404


async def test_the_code_alone_fills_the_screen_without_a_script(ada: AsyncClient, shown: Services) -> None:
    response = await ada.get(f"{PAGE}?show=1")

    assert "code--shown" in html(response)
    assert SVG in html(response)


async def test_one_tap_shows_the_living_code_again(ada: AsyncClient, services: Services) -> None:
    dead, living = invitation(id=BOB, status="used_up"), invitation()
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [dead, living]})

    response = await ada.post(f"/chats/{CHAT}/invitations", {"show": "1"})

    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert services.calls("auth", "POST", "/api/auth/invitations") == []


async def test_one_tap_makes_a_code_where_none_lives(ada: AsyncClient, services: Services) -> None:
    about_to_die = invitation(id=BOB, expires_at="2026-01-01T00:00:00.000Z")
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [about_to_die]})
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    response = await ada.post(f"/chats/{CHAT}/invitations", {"show": "1"})

    assert response["Location"] == PAGE


async def test_the_options_reach_the_service(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "604800", "uses": "25", "guests": "1", "label": " table 4 "})
    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "none", "uses": "none", "label": ""})

    week, endless = [asked.json for asked in services.calls("auth", "POST", "/api/auth/invitations")]
    assert week == {"chat": CHAT, "ttl_s": 604800, "max_uses": 25, "guests": True, "label": "table 4"}
    assert endless == {"chat": CHAT, "ttl_s": None, "max_uses": None, "guests": False, "label": ""}


async def test_options_that_nobody_offered_become_the_usual_ones(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)

    await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "1e9", "uses": "-5"})

    asked = services.call("auth", "POST", "/api/auth/invitations").json
    assert (asked["ttl_s"], asked["max_uses"]) == (900, 1)


async def test_a_refused_label_comes_back_with_the_reason(ada: AsyncClient, services: Services) -> None:
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("auth", "GET", "/api/auth/invitations", {"items": [invitation(label="door")]})
    services.refuse("auth", "POST", "/api/auth/invitations", 422, "invalid", fields={"label": ["Too long."]})

    response = await ada.post(f"/chats/{CHAT}/invitations", {"ttl": "3600", "label": "much"})

    assert response.status_code == 422
    assert "Too long." in html(response)
    assert 'value="3600" checked' in html(response)
    assert "door" in html(response)


async def test_revoke_evict_and_renew_say_so_to_the_service(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "DELETE", API, status=204)
    services.answer("auth", "POST", f"{API}/renew", invitation(id=BOB), status=201)

    revoked = await ada.post(f"{PAGE}/revoke")
    evicted = await ada.post(f"{PAGE}/evict")
    renewed = await ada.post(f"{PAGE}/renew")

    assert [asked.query for asked in services.calls("auth", "DELETE", API)] == [{}, {"evict": "true"}]
    assert (revoked["Location"], evicted["Location"]) == (PAGE, PAGE)
    assert renewed["Location"] == f"/chats/{CHAT}/invitations/{BOB}"


async def test_the_deeds_are_not_done_by_opening_their_addresses(ada: AsyncClient, services: Services) -> None:
    for deed in ("revoke", "evict", "renew"):
        assert (await ada.get(f"{PAGE}/{deed}")).status_code == 405
    assert services.calls("auth", "DELETE", API) == []
