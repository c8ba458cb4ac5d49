"""How the account is held, and showing once more that it is you."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html, security

SECURITY = "/api/auth/security"
REAUTHENTICATE = "/api/auth/reauthenticate"


@pytest.fixture(autouse=True)
def held(services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security())


async def test_the_page_leads_to_whatever_can_be_changed(ada: AsyncClient) -> None:
    page = html(await ada.get("/security"))

    assert "Logged in on 2 devices" in page
    for path in ("/sessions", "/security/email", "/security/password"):
        assert f'href="{path}"' in page
    assert "ada@example.org" in page
    assert "not confirmed" not in page


async def test_while_the_address_is_not_confirmed_the_page_asks_for_it(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security(email_verified=False))

    page = html(await ada.get("/security"))

    assert "ada@example.org, not confirmed yet" in page
    assert "Please confirm your e-mail address" in page
    assert 'action="/security/email/resend"' in page


async def test_a_guest_has_neither_address_nor_password(guest: AsyncClient, services: Services) -> None:
    held = security(is_guest=True, has_password=False, email=None, email_verified=False, sessions=1)
    services.answer("auth", "GET", SECURITY, held)

    page = html(await guest.get("/security"))

    assert "/security/email" not in page
    assert "/security/password" not in page
    assert 'href="/sessions"' in page
    assert 'href="/security/data"' in page


async def test_without_its_service_the_page_says_so(ada: AsyncClient, services: Services) -> None:
    services.away("auth")

    response = await ada.get("/security")

    assert response.status_code == 200
    assert "not available" in html(response)


async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient) -> None:
    response = await stranger.get("/security")

    assert (response.status_code, response["Location"]) == (303, "/login?next=%2Fsecurity")


async def test_who_has_to_show_it_again_does_so_and_goes_on(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "GET", "/api/auth/sessions", 403, "reauthentication_required")
    services.answer("auth", "POST", REAUTHENTICATE, None, status=204)

    asked = await ada.get("/sessions")
    assert (asked.status_code, asked["Location"]) == (303, "/reauthenticate?next=%2Fsessions")
    shown = await ada.post(asked["Location"], {"password": "correct horse"})

    assert (shown.status_code, shown["Location"]) == (303, "/sessions")
    assert services.call("auth", "POST", REAUTHENTICATE).json == {"password": "correct horse"}


async def test_a_wrong_password_is_told_beside_its_field(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", REAUTHENTICATE, 422, "wrong_password", fields={"password": ["Not yours."]})

    response = await ada.post("/reauthenticate?next=/security", {"password": "secret-typed"})

    assert response.status_code == 422
    assert "Not yours." in html(response)
    assert "secret-typed" not in html(response)


@pytest.mark.parametrize(
    "path",
    [
        "/reauthenticate",
        "/security/another-device",
        "/security/data",
        "/security/email",
        "/security/linked",
        "/security/passkeys",
        "/security/password",
        "/security/recovery-link",
        "/security/two-step",
        "/security/two-step/app",
        "/sessions",
    ],
)
async def test_from_each_of_its_pages_one_way_leads_back(ada: AsyncClient, services: Services, path: str) -> None:
    services.answer("auth", "GET", "/api/auth/email", {"email": None, "verified": False, "pending": None})
    services.answer("auth", "GET", "/api/auth/passkeys", {"items": []})
    services.answer("auth", "GET", "/api/auth/exports", {"items": []})
    services.answer("auth", "GET", "/api/auth/sessions", {"items": []})
    enrolment = {"qr_svg": "<svg></svg>", "uri": "otpauth://x", "secret": "x", "state": "s"}
    services.answer("auth", "POST", "/api/auth/totp/options", enrolment)

    assert "Back to security" in html(await ada.get(path))
