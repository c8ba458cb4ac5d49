"""An expired access cookie is renewed once for many requests, and a failed renewal hurts nobody."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from abdre import refresh
from abdre.refresh import RefreshMiddleware
from abdre.service_client import Answer, ServiceAway
from abdre.tests.signing import access_token


class Auth:
    """Stands for the auth service; counts who asks."""

    def __init__(self, status: int = 200, *, away: bool = False) -> None:
        self.asked: list[dict[str, str]] = []
        self.away = away
        cookies = {
            200: ["abdre_access=new; HttpOnly; Path=/", "abdre_refresh=next; HttpOnly; Path=/"],
            401: ['abdre_access=""; Max-Age=0; Path=/', 'abdre_refresh=""; Max-Age=0; Path=/'],
        }
        self.answer = Answer(status, None, cookies=cookies[status])

    async def __call__(self, service: str, method: str, path: str, **options: Any) -> Answer:
        self.asked.append(options["headers"])
        await asyncio.sleep(0)
        if self.away:
            raise ServiceAway
        return self.answer


class Inside:
    def __init__(self) -> None:
        self.cookies: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.cookies.append(dict(scope["headers"]).get(b"cookie", b"").decode())
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def visit(middleware: RefreshMiddleware, cookie: str) -> list[bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/chats", "request_id": "r", "headers": [(b"cookie", cookie.encode())]}
    await middleware(scope, None, send)
    return [value for name, value in sent[0]["headers"] if name == b"set-cookie"]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch):
    def build(auth: Auth) -> tuple[RefreshMiddleware, Inside]:
        monkeypatch.setattr(refresh, "call", auth)
        inside = Inside()
        return RefreshMiddleware(inside), inside

    return build


async def test_an_expired_cookie_is_renewed_and_the_page_sees_the_new_one(house):
    auth = Auth()
    middleware, inside = house(auth)

    given = await visit(middleware, f"abdre_access={access_token(uuid4(), lifetime_s=1)}; abdre_refresh=old; other=1")

    assert inside.cookies == ["abdre_access=new; abdre_refresh=next; other=1"]
    assert len(given) == 2
    assert auth.asked[0]["cookie"] == "abdre_refresh=old"


async def test_twenty_requests_at_once_are_one_renewal(house):
    auth = Auth()
    middleware, inside = house(auth)

    await asyncio.gather(*(visit(middleware, "abdre_refresh=old") for _ in range(20)))

    assert len(auth.asked) == 1
    assert len(inside.cookies) == 20


async def test_a_fresh_cookie_and_no_cookie_ask_nobody(house):
    auth = Auth()
    middleware, _ = house(auth)

    assert await visit(middleware, f"abdre_access={access_token(uuid4())}; abdre_refresh=old") == []
    assert await visit(middleware, "") == []
    assert auth.asked == []


async def test_an_ended_session_goes_on_as_nobody_with_its_cookies_cleared(house):
    middleware, inside = house(Auth(401))

    given = await visit(middleware, "abdre_access=stale; abdre_refresh=used")

    assert inside.cookies == [""]
    assert all(b"Max-Age=0" in line for line in given)


async def test_while_auth_is_away_the_page_still_comes(house):
    middleware, inside = house(Auth(away=True))

    assert await visit(middleware, "abdre_refresh=old") == []
    assert inside.cookies == ["abdre_refresh=old"]
