"""Logging in by two steps, and by a passkey."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from abdre.second_step import COOKIE
from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from gateway_svc.tests.conftest import ADA, Services, html, person, tokens

LOGIN, SECOND = "/api/auth/login", "/api/auth/login/second-factor"
PAGE = "/login/second-factor"
CREDENTIAL = {"id": "AA", "response": {"signature": "x"}}
ANSWER = {"credential": json.dumps(CREDENTIAL), "state": "signed"}


def second_step(services: Services, *factors: str) -> None:
    """The password is right, and not enough."""
    error = {"code": "second_factor_required", "message": "Now the second."}
    way_on = {"challenge": "the-challenge", "factors": list(factors), "expires_in": 300}
    services.answer("auth", "POST", LOGIN, {"error": error, **way_on}, status=401)


async def log_in(browser: AsyncClient, **form: str) -> Any:
    return await browser.post("/login?next=/status", {"login": "ada", "password": "x", **form})


@pytest.fixture
async def asked(stranger: AsyncClient, services: Services) -> AsyncClient:
    """A browser that has passed the first step."""
    second_step(services, "totp", "recovery_code")
    await log_in(stranger, remember="1")
    return stranger


async def test_the_right_password_leads_to_the_second_step_and_signs_nobody_in(
    stranger: AsyncClient, services: Services
) -> None:
    second_step(services, "totp")

    response = await log_in(stranger)

    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?next=%2Fstatus")
    assert ACCESS_COOKIE not in response.cookies
    assert response.cookies[COOKIE]["path"] == "/login"
    assert "the-challenge" not in response["Location"]


async def test_the_code_signs_in_and_leads_on(asked: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", SECOND, tokens(person()))

    response = await asked.post(f"{PAGE}?next=/status", {"code": "123 456"})

    assert (response.status_code, response["Location"]) == (303, "/status")
    assert services.call("auth", "POST", SECOND).json == {"challenge": "the-challenge", "code": "123 456"}
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    assert response.cookies[REFRESH_COOKIE]["max-age"]
    assert response.cookies[COOKIE].value == ""


async def test_who_comes_back_by_the_second_step_is_told_so(asked: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", SECOND, tokens(person(), came_back=True))

    response = await asked.post(f"{PAGE}?next=/status", {"code": "123456"})

    assert response["Location"] == "/welcome-back?next=%2Fstatus"
    assert response.cookies[ACCESS_COOKIE].value == "new-access"


async def test_who_is_not_to_be_remembered_is_not(stranger: AsyncClient, services: Services) -> None:
    second_step(services, "totp")
    services.answer("auth", "POST", SECOND, tokens(person()))
    await log_in(stranger)

    response = await stranger.post(PAGE, {"code": "123456"})

    assert response.cookies[REFRESH_COOKIE]["max-age"] == ""


async def test_a_wrong_code_is_told_beside_its_field_and_may_be_tried_again(
    asked: AsyncClient, services: Services
) -> None:
    services.refuse("auth", "POST", SECOND, 422, "wrong_code", fields={"code": ["Not that one."]})

    response = await asked.post(f"{PAGE}?next=/status", {"code": "1"})

    assert response.status_code == 422
    assert "Not that one." in html(response)
    assert COOKIE not in response.cookies
    assert f'action="{PAGE}?next=%2Fstatus"' in html(response)


async def test_too_many_tries_say_when_to_come_back(asked: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", SECOND, 429, "too_many", retry_after="200")

    response = await asked.post(PAGE, {"code": "1"})

    assert (response.status_code, response["Retry-After"]) == (429, "200")
    assert "The service said too_many." in html(response)


async def test_what_took_too_long_begins_anew_with_a_word(asked: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", SECOND, 401, "challenge_expired")

    response = await asked.post(f"{PAGE}?next=/status", {"code": "1"})

    assert response["Location"] == "/login?next=%2Fstatus&problem=challenge_expired"
    assert response.cookies[COOKIE].value == ""
    assert "That took too long" in html(await asked.get(response["Location"]))


@pytest.mark.parametrize("method", ["get", "post"])
async def test_who_has_not_passed_the_first_step_begins_there(stranger: AsyncClient, method: str) -> None:
    response = await getattr(stranger, method)(f"{PAGE}?next=/status")

    assert (response.status_code, response["Location"].partition("?")[0]) == (303, "/login")


@pytest.mark.parametrize(
    ("factors", "words", "has_code", "has_passkey"),
    [
        (["totp", "recovery_code"], "Six digits from your authenticator app, or one of", True, False),
        (["totp"], "Six digits from your authenticator app.", True, False),
        (["recovery_code", "passkey"], "One of your recovery codes.", True, True),
        (["passkey"], "Now show your passkey.", False, True),
    ],
)
async def test_what_the_person_has_is_what_is_asked(
    stranger: AsyncClient, services: Services, factors: list[str], words: str, has_code: bool, has_passkey: bool
) -> None:
    second_step(services, *factors)
    await log_in(stranger)

    page = html(await stranger.get(PAGE))

    assert words in page
    assert ('name="code"' in page, 'data-controller="passkey"' in page) == (has_code, has_passkey)


async def test_a_passkeys_answer_passes_too(asked: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", SECOND, tokens(person()))

    await asked.post(PAGE, ANSWER)

    sent = services.call("auth", "POST", SECOND).json
    assert sent == {"challenge": "the-challenge", "credential": CREDENTIAL, "state": "signed"}


@pytest.mark.parametrize("remember", ["1", ""])
async def test_a_passkey_logs_in(stranger: AsyncClient, services: Services, remember: str) -> None:
    services.answer("auth", "POST", "/api/auth/login/passkey", tokens(person()))

    response = await stranger.post("/login/passkey?next=/status", {**ANSWER, "remember": remember, "password": "x"})

    sent = {"credential": CREDENTIAL, "state": "signed", "remember": bool(remember)}
    assert services.call("auth", "POST", "/api/auth/login/passkey").json == sent
    assert (response.status_code, response["Location"]) == (303, "/status")
    assert bool(response.cookies[REFRESH_COOKIE]["max-age"]) is bool(remember)


@pytest.mark.parametrize("path", ["/login/passkey", "/register/passkey"])
async def test_a_refused_passkey_is_told_on_the_form_it_came_from(
    stranger: AsyncClient, services: Services, path: str
) -> None:
    services.refuse("auth", "POST", f"/api/auth{path}", 422, "passkey_refused")

    response = await stranger.post(f"{path}?next=/status", {"credential": "{", "username": "carol"})

    assert response.status_code == 422
    assert "The service said passkey_refused." in html(response)
    assert f'action="{path.removesuffix("/passkey")}?next=%2Fstatus"' in html(response)
    assert services.call("auth", "POST", f"/api/auth{path}").json["credential"] == {}


async def test_an_account_by_passkey_shows_its_codes_before_the_way_on(
    stranger: AsyncClient, services: Services
) -> None:
    made = tokens(person(), recovery_codes=["12345678"])
    services.answer("auth", "POST", "/api/auth/register/passkey", made, status=201)

    response = await stranger.post("/register/passkey?next=/status", ANSWER)

    page = html(response)
    assert response.status_code == 200
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    assert "no-store" in response["Cache-Control"]
    assert "1234 5678" in page
    assert 'href="/status"' in page
    assert f'data-user="{ADA}"' in page
    assert "Your recovery codes open nothing yet" in page
    assert 'href="/security/password"' in page


async def test_who_gave_an_address_is_told_of_the_letter_next(stranger: AsyncClient, services: Services) -> None:
    made = tokens(person(), recovery_codes=["12345678"])
    services.answer("auth", "POST", "/api/auth/register/passkey", made, status=201)

    page = html(await stranger.post("/register/passkey?next=/status", {**ANSWER, "email": "a@example.org"}))

    assert services.call("auth", "POST", "/api/auth/register/passkey").json["email"] == "a@example.org"
    assert 'href="/security/email?next=%2Fstatus"' in page


async def test_the_way_on_leads_to_own_paths_only(stranger: AsyncClient, services: Services) -> None:
    made = tokens(person(), recovery_codes=["12345678"])
    services.answer("auth", "POST", "/api/auth/register/passkey", made, status=201)

    page = html(await stranger.post("/register/passkey?next=https://evil.example", ANSWER))

    assert "evil.example" not in page
