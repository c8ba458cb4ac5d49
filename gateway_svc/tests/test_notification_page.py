"""How somebody is told of messages: the page that says so, and what it asks the services for."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html

PAGE = "/settings/notifications"
MINE = "/api/users/me/preferences"
PREFERENCES: dict[str, Any] = {
    "language": "",
    "time_zone": "",
    "theme": "system",
    "accent": "petrol",
    "text_size": "normal",
    "enter_sends": True,
    "sounds": True,
    "hides_text": False,
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "digest": False,
}


@pytest.fixture(autouse=True)
def _answers(services: Services) -> None:
    since = "2026-11-22T10:00:00.000Z"
    subscription = {"id": "1", "session": "here", "created_at": since, "is_current": True}
    services.answer("user", "GET", MINE, PREFERENCES)
    services.answer("user", "GET", "/api/users/me/push-subscriptions", {"items": [subscription]})
    services.answer("auth", "GET", "/api/auth/sessions", {"items": [{"id": "here", "device": "Firefox on Linux"}]})


async def test_the_page_says_how_one_is_told_and_where(ada: AsyncClient):
    text = html(await ada.get(PAGE))

    for shown in (
        'name="quiet_from" value="22:00"',
        'name="quiet_until" value="07:30"',
        "Firefox on Linux",
        'name="digest"',
    ):
        assert shown in text
    assert text.count(' checked aria-describedby="hint-') == 1  # sounds


async def test_guests_are_offered_no_letters(guest: AsyncClient):
    text = html(await guest.get(PAGE))

    assert 'name="hides_text"' in text
    assert 'name="digest"' not in text


async def test_what_is_wished_is_kept(ada: AsyncClient, services: Services):
    services.answer("user", "PATCH", MINE, PREFERENCES)

    response = await ada.post(PAGE, {"hides_text": "1", "quiet_from": "21:00", "quiet_until": "06:00"})

    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?saved=1")
    wished = {"sounds": False, "hides_text": True, "digest": False, "quiet_from": "21:00", "quiet_until": "06:00"}
    assert services.call("user", "PATCH", MINE).json == wished


async def test_half_of_the_quiet_hours_is_no_wish(ada: AsyncClient, services: Services):
    fields = {"quiet_until": ["Quiet hours have a beginning and an end."]}
    refusal = {"error": {"code": "invalid", "message": "Some of this is not right.", "fields": fields}}
    services.answer("user", "PATCH", MINE, refusal, status=422)

    response = await ada.post(PAGE, {"quiet_from": "21:00", "quiet_until": ""})

    assert response.status_code == 422
    assert ">Quiet hours have a beginning and an end.</p>" in html(response)
    assert services.call("user", "PATCH", MINE).json["quiet_until"] is None


async def test_a_stranger_is_asked_to_log_in(stranger: AsyncClient):
    response = await stranger.get(PAGE)

    assert response.status_code == 303
    assert response["Location"].startswith("/login")


async def test_the_link_in_a_letter_switches_letters_off_by_a_press_alone(stranger: AsyncClient, services: Services):
    services.answer("auth", "POST", "/api/auth/digest/off", {})

    shown = html(await stranger.get("/digest/off/a:key"))
    asked = services.calls("auth", "POST", "/api/auth/digest/off")
    done = html(await stranger.post("/digest/off/a:key"))

    assert "Switch them off" in shown
    assert asked == []
    assert "They are off." in done
    assert services.call("auth", "POST", "/api/auth/digest/off").json == {"token": "a:key"}


async def test_a_link_that_is_not_whole_says_so(stranger: AsyncClient, services: Services):
    refusal = {"error": {"code": "digest_link_unknown", "message": "…"}}
    services.answer("auth", "POST", "/api/auth/digest/off", refusal, status=404)

    response = await stranger.post("/digest/off/a:k")

    assert response.status_code == 404
    assert "This link is not whole." in html(response)
