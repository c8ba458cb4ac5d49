"""An expired access cookie is renewed once for many requests, and a failed renewal hurts nobody."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from abdre import refresh
from abdre.errors import Unavailable
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
            503: [],
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
        self.unknown: list[bool] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.unknown.append(scope.get("identity_unknown", False))
        self.cookies.append(dict(scope["headers"]).get(b"cookie", b"").decode())
        headers = [(b"cache-control", b"public, max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def visit(middleware: RefreshMiddleware, cookie: str, path: str = "/chats") -> list[bytes]:
    return [value for name, value in (await headers_of(middleware, cookie, path)) if name == b"set-cookie"]


async def headers_of(middleware: RefreshMiddleware, cookie: str, path: str) -> list[tuple[bytes, bytes]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "request_id": "r", "headers": [(b"cookie", cookie.encode())]}
    await middleware(scope, None, send)
    return list(sent[0]["headers"])


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


@pytest.mark.parametrize("auth", [Auth(away=True), Auth(503)])
async def test_while_auth_is_away_nobody_is_signed_out_for_it(house, auth: Auth):
    middleware, inside = house(auth)

    assert await visit(middleware, "abdre_refresh=old") == []
    assert inside.unknown == [True]
    with pytest.raises(Unavailable):
        await visit(middleware, "abdre_refresh=old", "/api/chats")
    assert len(auth.asked) == 2  # a failure is not remembered


async def test_a_socket_is_asked_to_come_back_while_auth_is_away(house):
    middleware, _ = house(Auth(away=True))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/ws",
        "request_id": "r",
        "subprotocols": ["abdre.v1"],
        "headers": [(b"cookie", b"abdre_refresh=old")],
    }
    await middleware(scope, receive, send)

    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[1]["code"] == 4001


async def test_an_answer_with_new_cookies_is_kept_by_no_cache(house):
    middleware, _ = house(Auth())

    headers = dict(await headers_of(middleware, "abdre_refresh=old", "/chats"))

    assert headers[b"cache-control"] == b"private, no-store"


@pytest.mark.parametrize("path", ["/static/css/base.css", "/api/auth/.well-known/jwks.json"])
async def test_what_is_for_everybody_carries_nobodys_cookies(house, path: str):
    auth = Auth()
    middleware, _ = house(auth)

    assert await visit(middleware, "abdre_refresh=old", path) == []
    assert auth.asked == []
