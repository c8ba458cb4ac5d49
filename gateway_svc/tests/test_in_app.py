"""Browsers inside other messengers are noticed, with a way out."""

import pytest
from django.test import AsyncClient

from gateway_svc.selectors.in_app import in_app
from gateway_svc.tests.conftest import TOKEN, Services, html, preview

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel; wv) AppleWebKit/537.36 Version/4.0 Chrome/126.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79"


@pytest.mark.parametrize(
    ("own", "app"),
    [
        (f"{IPHONE} Instagram 334.0.4 (iPhone15,2; iOS 17_5)", "Instagram"),
        (f"{IPHONE} [FBAN/FBIOS;FBAV/467.0]", "Facebook"),
        (f"{ANDROID} [FB_IAB/FB4A;FBAV/467.0]", "Facebook"),
        (f"{ANDROID} [FB_IAB/Orca-Android;FBAV/460.0]", "Messenger"),
        (f"{IPHONE} [FBAN/MessengerForiOS;FBAV/460.0]", "Messenger"),
        (f"{ANDROID} Telegram-Android/10.14", "Telegram"),
        (f"{IPHONE} WhatsApp/24.11", "WhatsApp"),
        (f"{IPHONE} Safari Line/14.9.0", "LINE"),
        (f"{ANDROID} MicroMessenger/8.0.49", "WeChat"),
    ],
)
def test_it_is_known_by_what_it_says_of_itself(own: str, app: str) -> None:
    found = in_app(user_agent=own, url="https://h/join/x")

    assert found is not None
    assert found.app == app


@pytest.mark.parametrize("own", [ANDROID, f"{IPHONE} Version/17.5 Safari/604.1", "curl/8.5", ""])
def test_a_browser_of_its_own_is_none(own: str) -> None:
    assert in_app(user_agent=own, url="https://h/") is None


def test_on_android_an_address_opens_the_phone_s_own_browser() -> None:
    there = in_app(user_agent=f"{ANDROID} Instagram", url="http://h:8000/join/x")
    elsewhere = in_app(user_agent=f"{IPHONE} Instagram", url="http://h:8000/join/x")

    assert there is not None
    assert elsewhere is not None
    assert there.open_url == "intent://h:8000/join/x#Intent;scheme=http;end"
    assert elsewhere.open_url == ""


async def test_a_newcomer_is_shown_the_way_out_before_joining(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/invitations/preview", preview())

    inside = html(await stranger.get(f"/join/{TOKEN}", headers={"user-agent": f"{ANDROID} Instagram"}))
    outside = html(await stranger.get(f"/join/{TOKEN}", headers={"user-agent": ANDROID}))

    assert "You are inside Instagram" in inside
    assert f'href="intent://testserver/join/{TOKEN}#Intent;scheme=http;end"' in inside
    assert "Join as guest" in inside
    assert "You are inside" not in outside


async def test_a_guest_inside_is_led_to_the_recovery_link(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", {"is_guest": True, "has_password": False, "sessions": 1})

    for path in ("/profile", "/security"):
        page = html(await guest.get(path, headers={"user-agent": f"{ANDROID} Instagram"}))
        assert "Take this guest along" in page, path
