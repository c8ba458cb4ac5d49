"""The landing page, and the one tap."""

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from abdre.tokens import ACCESS_COOKIE
from gateway_svc.tests.conftest import CHAT, GUEST, INVITATION, Services, chat, html, invitation, person, tokens

PAGE_OF_THE_CODE = f"/chats/{CHAT}/invitations/{INVITATION}"


@pytest.fixture
def hosting(services: Services) -> Services:
    host = person(GUEST, "Gulnara", is_guest=True)
    services.answer("auth", "POST", "/api/auth/guest", tokens(host), status=201)
    services.answer("chat", "POST", "/api/chats", chat(kind="temporary"), status=201)
    services.answer("auth", "POST", "/api/auth/invitations", invitation(), status=201)
    return services


async def test_a_stranger_finds_one_button_that_starts_a_chat(stranger: AsyncClient) -> None:
    response = await stranger.get("/")

    assert response.status_code == 200
    assert 'action="/start"' in html(response)


async def test_a_page_says_which_release_and_which_request_it_came_from(
    stranger: AsyncClient, settings: Settings
) -> None:
    settings.VERSION = "1.2.3"

    page = html(await stranger.get("/", headers={"X-Request-ID": "abc"}))

    assert '<meta name="version" content="1.2.3">' in page
    assert '<meta name="request-id" content="abc">' in page


async def test_who_is_signed_in_goes_to_the_chats(ada: AsyncClient) -> None:
    response = await ada.get("/")

    assert (response.status_code, response["Location"]) == (303, "/chats")


async def test_one_tap_makes_a_guest_a_temporary_chat_and_its_code(stranger: AsyncClient, hosting: Services) -> None:
    response = await stranger.post("/start", {"display_name": "Gulnara"})

    assert (response.status_code, response["Location"]) == (303, PAGE_OF_THE_CODE)
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    made = hosting.call("chat", "POST", "/api/chats")
    assert made.json == {"kind": "temporary", "title": "Gulnara’s chat"}
    assert made.headers["authorization"] == "Bearer new-access"
    assert hosting.call("auth", "POST", "/api/auth/invitations").json == {
        "chat": CHAT,
        "ttl_s": 900,
        "max_uses": 1,
        "guests": True,
        "label": "",
    }


async def test_a_name_is_not_asked_for(stranger: AsyncClient, hosting: Services) -> None:
    response = await stranger.post("/start", {})

    assert response.status_code == 303
    assert hosting.call("auth", "POST", "/api/auth/guest").json == {"display_name": "Host"}


async def test_a_member_starts_a_chat_that_stays(ada: AsyncClient, hosting: Services) -> None:
    response = await ada.post("/start")

    assert response.status_code == 303
    assert hosting.call("chat", "POST", "/api/chats").json == {"kind": "group", "title": "Ada’s chat"}
    assert hosting.calls("auth", "POST", "/api/auth/guest") == []
    assert ACCESS_COOKIE not in response.cookies


async def test_a_name_that_imitates_a_member_is_refused_beside_the_field(
    stranger: AsyncClient, hosting: Services
) -> None:
    hosting.refuse("auth", "POST", "/api/auth/guest", 422, "invalid", fields={"display_name": ["That is a member’s."]})

    response = await stranger.post("/start", {"display_name": "Ada"})

    assert response.status_code == 422
    assert "That is a member’s." in html(response)


async def test_where_guests_may_not_host_the_page_leads_to_the_login(
    stranger: AsyncClient, settings: pytest.FixtureRequest
) -> None:
    settings.GUEST_HOSTING = False  # type: ignore[attr-defined]

    response = await stranger.get("/")

    assert 'action="/start"' not in html(response)
    assert 'href="/login"' in html(response)


async def test_a_service_that_is_away_is_told_on_a_page_that_offers_to_try_again(
    stranger: AsyncClient, hosting: Services
) -> None:
    hosting.away("auth")

    response = await stranger.post("/start")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "Back in a moment" in html(response)


async def test_opening_start_by_hand_starts_nothing(stranger: AsyncClient, hosting: Services) -> None:
    response = await stranger.get("/start")

    assert (response.status_code, response["Location"]) == (303, "/")
    assert hosting.asked == []
