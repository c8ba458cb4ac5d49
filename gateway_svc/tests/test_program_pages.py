"""Personal tokens and bots on their owner's pages."""

import pytest
from django.test import AsyncClient

from gateway_svc.selectors.api import Json
from gateway_svc.tests.conftest import Services, html

TOKENS, BOTS = "/api/auth/tokens", "/api/auth/bots"
SECRET = "abdre_pat_" + "x" * 43
TOKEN = {
    "id": "7c6a1b1e-6b57-4f0c-8f0a-0a8f6f4e2a10", "name": "CI <b>", "ending": "xxxx", "scopes": ["read", "write"],
    "created_at": "2026-11-20T08:00:00.000Z", "expires_at": "2027-02-20T08:00:00.000Z", "last_used_at": None,
}  # fmt: skip
BOT = {
    "id": "7c6a1b1e-6b57-4f0c-8f0a-0a8f6f4e2a11", "username": "helper", "display_name": "Helper <b>",
    "created_at": "2026-11-20T08:00:00.000Z", "token": {**TOKEN, "expires_at": None},
}  # fmt: skip
CHANGES = [
    ("/settings/tokens", "POST", TOKENS, {**TOKEN, "token": SECRET}),
    ("/settings/bots", "POST", BOTS, {"bot": BOT, "token": SECRET}),
    (f"/settings/bots/{BOT['id']}/token", "POST", f"{BOTS}/{BOT['id']}/token", {"bot": BOT, "token": SECRET}),
]


@pytest.fixture(autouse=True)
def listed(services: Services) -> None:
    services.answer("auth", "GET", TOKENS, {"items": [TOKEN]})
    services.answer("auth", "GET", BOTS, {"items": [BOT, {**BOT, "token": None}]})


async def test_tokens_and_bots_are_listed_with_what_they_may(ada: AsyncClient) -> None:
    tokens, bots = html(await ada.get("/settings/tokens")), html(await ada.get("/settings/bots"))

    for word in ("CI &lt;b&gt;", "…xxxx", "reads and writes", "never used", "until 20 February 2027"):
        assert word in tokens
    for word in ("Helper &lt;b&gt;", "@helper", "its token was revoked"):
        assert word in bots


@pytest.mark.parametrize(("page", "method", "path", "answer"), CHANGES)
async def test_what_is_made_is_shown_this_once(
    ada: AsyncClient, services: Services, page: str, method: str, path: str, answer: Json
) -> None:
    services.answer("auth", method, path, answer, status=201)

    made = await ada.post(page, {"name": "CI", "scope": "write", "days": "7", "username": "helper"})

    assert html(made).count(SECRET) == 2  # to be read, and to be copied
    assert made["Cache-Control"] == "private, no-store"
    assert SECRET not in html(await ada.get(page.removesuffix(f"/{BOT['id']}/token")))


async def test_what_was_chosen_is_asked_for(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", TOKENS, {**TOKEN, "token": SECRET}, status=201)

    await ada.post("/settings/tokens", {"name": "CI", "scope": "write", "days": "7"})
    await ada.post("/settings/tokens", {"name": "CI", "scope": "more", "days": "99999"})

    assert [asked.json for asked in services.calls("auth", "POST", TOKENS)] == [
        {"name": "CI", "write": True, "days": 7},
        {"name": "CI", "write": False, "days": 90},
    ]


async def test_a_name_that_is_taken_is_said_at_its_field(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", BOTS, 409, "username_taken")

    answer = await ada.post("/settings/bots", {"username": "bob"})

    assert answer.status_code == 409
    assert 'id="error-username">' in html(answer)
    assert 'value="bob"' in html(answer)


@pytest.mark.parametrize(("page", "method", "path", "answer"), CHANGES)
async def test_who_has_not_shown_lately_who_they_are_shows_it_first(
    ada: AsyncClient, services: Services, page: str, method: str, path: str, answer: Json
) -> None:
    services.refuse("auth", method, path, 403, "reauthentication_required")

    assert (await ada.post(page, {"name": "CI"}))["Location"].startswith("/reauthenticate?")


async def test_what_is_gone_already_is_gone(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "DELETE", f"{TOKENS}/{TOKEN['id']}", 404, "token_not_found")
    services.answer("auth", "DELETE", f"{BOTS}/{BOT['id']}", None, status=204)

    assert (await ada.post(f"/settings/tokens/{TOKEN['id']}/revoke"))["Location"] == "/settings/tokens"
    assert (await ada.post(f"/settings/bots/{BOT['id']}/delete"))["Location"] == "/settings/bots"


async def test_a_guest_makes_an_account_first(guest: AsyncClient, services: Services) -> None:
    for page in ("/settings/tokens", "/settings/bots"):
        assert 'href="/register' in html(await guest.get(page))


async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient) -> None:
    for page in ("/settings/tokens", "/settings/bots"):
        assert (await stranger.get(page))["Location"].startswith("/login?")
