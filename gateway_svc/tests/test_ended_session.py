"""A browser whose session was ended elsewhere holds a token that looks good for some minutes more."""

from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import TOKEN, Services, html

CREDENTIALS = {"login": "ada", "password": "correct horse"}


@pytest.mark.parametrize(
    ("method", "page", "form", "asked"),
    [
        ("post", "/login", CREDENTIALS, "/api/auth/login"),
        ("post", "/register", {"username": "ada", "password": "correct horse"}, "/api/auth/register"),
        ("get", f"/join/{TOKEN}", {}, "/api/auth/invitations/preview"),
        ("post", f"/join/{TOKEN}", {"display_name": "Ada"}, "/api/auth/invitations/accept"),
        ("post", "/start", {"display_name": "Ada"}, "/api/auth/guest"),
        ("get", "/login/device", {}, "/api/auth/device-codes"),
        ("get", "/recover/x", {}, "/api/auth/recovery-links/preview"),
    ],
)
async def test_whoever_is_there_may_come_in_as_nobody_does(
    ada: AsyncClient, services: Services, method: str, page: str, form: dict[str, str], asked: str
) -> None:
    services.refuse("user", "GET", "/api/users/me", 401, "not_signed_in")
    services.refuse("auth", "POST", asked, 401, "not_signed_in")

    await getattr(ada, method)(page, form)

    last = services.calls("auth", "POST", asked)[-1]
    assert "authorization" not in last.headers


async def test_a_page_for_who_is_signed_in_leads_to_the_login(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "GET", "/api/auth/sessions", 401, "not_signed_in")

    response = await ada.get("/sessions")

    assert (response.status_code, response["Location"]) == (303, "/login?next=%2Fsessions")


async def test_a_wrong_password_is_no_ended_session(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", "/api/auth/login", 401, "wrong_credentials")

    response: Any = await ada.post("/login", CREDENTIALS)

    assert response.status_code == 401
    assert "The service said wrong_credentials." in html(response)
    assert len(services.calls("auth", "POST", "/api/auth/login")) == 1
