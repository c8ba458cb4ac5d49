"""Logging in on another device: the new one's screen, the phone's question, and every way it can end."""

from typing import Any

import pytest
from django.test import AsyncClient

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from gateway_svc.tests.conftest import Services, html, security, tokens

CODES = "/api/auth/device-codes"
PHONE = "/device/SECRET-token"
ENDS = "2099-11-22T10:15:00.000Z"


@pytest.fixture
def made(services: Services) -> Services:
    facts = {"id": "c1", "secret": "own-secret", "url": "http://h/device/t", "check": "47", "expires_at": ENDS}
    services.answer("auth", "POST", CODES, {**facts, "qr_svg": "<svg viewBox='0 0 1 1'></svg>"}, status=201)
    return services


@pytest.fixture
def scanned(services: Services) -> Services:
    services.answer("auth", "POST", f"{CODES}/preview", preview())
    return services


def preview(**facts: Any) -> dict[str, Any]:
    seen = {
        "device": "Firefox on Linux",
        "address": "203.0.113.0/24",
        "place": "",
        "asked_at": ENDS,
        "expires_at": ENDS,
    }
    return {"state": "waiting", "check": "47", **seen, **facts}


async def test_the_login_leads_there_and_keeps_the_way(stranger: AsyncClient) -> None:
    page = html(await stranger.get("/login?next=/chats/x"))

    assert 'href="/login/device?next=%2Fchats%2Fx"' in page


async def test_the_new_device_shows_the_code_the_number_and_the_time_that_is_left(
    stranger: AsyncClient, made: Services
) -> None:
    page = html(await stranger.get("/login/device?next=/chats/x"))

    for fact in ("<svg viewBox", "47", ENDS, 'value="own-secret"', 'data-next="/chats/x"', "I have confirmed"):
        assert fact in page
    assert "/device/t" not in page


async def test_who_is_logged_in_already_needs_no_code(ada: AsyncClient, made: Services) -> None:
    response = await ada.get("/login/device?next=/sessions")

    assert (response.status_code, response["Location"]) == (303, "/sessions")
    assert made.calls("auth", "POST", CODES) == []


async def test_a_guest_may_log_in_by_it(guest: AsyncClient, made: Services) -> None:
    assert (await guest.get("/login/device")).status_code == 200


async def test_once_confirmed_the_form_signs_in_and_goes_on(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{CODES}/collect", tokens({"id": "x"}))

    form = {"id": "c1", "secret": "own-secret", "remember": "1"}
    response = await stranger.post("/login/device?next=/chats/x", form)

    assert (response.status_code, response["Location"]) == (303, "/chats/x")
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    assert response.cookies[REFRESH_COOKIE]["max-age"]
    sent = services.call("auth", "POST", f"{CODES}/collect").json
    assert sent == {"id": "c1", "secret": "own-secret", "remember": True}


async def test_on_a_device_of_others_the_login_ends_with_the_browser(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{CODES}/collect", tokens({"id": "x"}))

    response = await stranger.post("/login/device", {"id": "c1", "secret": "own-secret"})

    assert response.cookies[REFRESH_COOKIE]["max-age"] == ""
    assert services.call("auth", "POST", f"{CODES}/collect").json["remember"] is False


async def test_who_is_too_early_may_press_again(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{CODES}/collect", {"state": "waiting"}, status=202)

    page = html(await stranger.post("/login/device", {"id": "c1", "secret": "own-secret"}))

    assert "has not confirmed yet" in page
    assert 'value="own-secret"' in page
    assert "Show a new code" in page


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (410, "device_code_expired", "expired"),
        (410, "device_code_declined", "declined"),
        (410, "device_code_used", "used"),
        (404, "device_code_unknown", "unknown"),
    ],
)
async def test_each_end_is_a_page_on_both_devices(
    stranger: AsyncClient, ada: AsyncClient, services: Services, status: int, code: str, state: str
) -> None:
    for path in ("preview", "confirm", "collect"):
        services.refuse("auth", "POST", f"{CODES}/{path}", status, code)

    on_screen = await stranger.post("/login/device?next=/chats/x", {"id": "c1", "secret": "s"})
    on_phone = [await ada.get(PHONE), await ada.post(PHONE, {"deed": "confirm"})]

    for response in (on_screen, *on_phone):
        assert response.status_code == status
        assert f'data-state="{state}"' in html(response)
    assert 'href="/login/device?next=%2Fchats%2Fx"' in html(on_screen)
    assert 'href="/chats"' in html(on_phone[0])


async def test_the_phone_sees_what_asks_and_is_warned(ada: AsyncClient, scanned: Services) -> None:
    page = html(await ada.get(PHONE))

    for fact in ("Firefox on Linux", "203.0.113.0/24", "47", "whoever holds that screen will be you"):
        assert fact in page


async def test_the_place_is_said_where_it_is_known(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{CODES}/preview", preview(place="Almaty, Kazakhstan"))

    page = html(await ada.get(PHONE))

    assert "Almaty, Kazakhstan" in page
    assert "203.0.113.0" not in page


async def test_looking_confirms_nothing(ada: AsyncClient, scanned: Services) -> None:
    await ada.get(PHONE)
    await ada.head(PHONE)

    assert {asked.path for asked in scanned.asked if asked.method == "POST"} == {f"{CODES}/preview"}


async def test_its_address_goes_to_no_other_site_and_into_no_index(ada: AsyncClient, scanned: Services) -> None:
    response = await ada.get(PHONE)

    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("deed", ["confirm", "decline"])
async def test_the_phone_says_yes_or_no(ada: AsyncClient, services: Services, deed: str) -> None:
    services.answer("auth", "POST", f"{CODES}/{deed}", None, status=204)

    response = await ada.post(PHONE, {"deed": deed})

    assert (response.status_code, response["Location"]) == (303, PHONE)
    assert services.call("auth", "POST", f"{CODES}/{deed}").json == {"token": "SECRET-token"}


async def test_after_a_yes_the_phone_leads_to_the_devices(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{CODES}/preview", preview(state="confirmed"))

    page = html(await ada.get(PHONE))

    assert 'data-state="confirmed"' in page
    assert 'href="/sessions"' in page


async def test_a_phone_without_login_logs_in_and_comes_back(stranger: AsyncClient) -> None:
    response = await stranger.get(PHONE)
    assert (response.status_code, response["Location"]) == (303, "/login?next=%2Fdevice%2FSECRET-token")
    assert response["Referrer-Policy"] == "strict-origin"

    assert "if it has ended, scan" in html(await stranger.get(response["Location"]))


async def test_a_guest_is_shown_the_way_that_guests_have(guest: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{CODES}/preview", 403, "account_required")

    response = await guest.get(PHONE)

    assert response.status_code == 403
    assert 'href="/security/recovery-link"' in html(response)


async def test_without_the_service_the_page_says_so(stranger: AsyncClient, services: Services) -> None:
    services.away("auth")

    assert (await stranger.get("/login/device")).status_code == 503


async def test_the_page_about_security_leads_to_an_explanation(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", security())

    assert 'href="/security/another-device"' in html(await ada.get("/security"))
    assert "testserver/login" in html(await ada.get("/security/another-device"))
