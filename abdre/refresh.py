"""Who comes with an expired access cookie stays signed in: pages, API and sockets alike, one renewal for many."""

import asyncio
import hashlib
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from abdre.errors import Unavailable
from abdre.service_client import Answer, ServiceAway, call
from abdre.sockets import come_back_later
from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE, is_fresh

# Parallel requests of one page arrive within moments; the service itself answers repeats for ten seconds more.
REMEMBERED_S = 5
REFRESH_PATH = "/api/auth/refresh"


class RefreshMiddleware:
    """ASGI middleware of whatever faces browsers."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._renewals: dict[str, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        cookies = _cookies_of(scope)
        secret = cookies.get(REFRESH_COOKIE)
        if not secret or _is_for_everybody(scope["path"]) or is_fresh(cookies.get(ACCESS_COOKIE, "")):
            await self._inner(scope, receive, send)
            return
        answer = await self._renew(secret, scope)
        if answer is None:
            await self._as_unknown(scope, receive, send)
            return
        renewed = _with_cookies(scope, cookies, answer.cookies)
        await self._inner(renewed, receive, _adding(send, answer.cookies))

    async def _as_unknown(self, scope: Any, receive: Any, send: Any) -> None:
        """Who this is cannot be said now, which is not the same as nobody: nobody is signed out for it."""
        if scope["type"] == "websocket":
            await receive()
            await come_back_later(scope, send, "sign-in is away")
        elif scope["path"].startswith("/api/"):
            raise Unavailable(retry_after_s=1)
        else:
            await self._inner({**scope, "identity_unknown": True}, receive, send)

    async def _renew(self, secret: str, scope: Any) -> Answer | None:
        """The service's word, shared by everybody who waits for the same secret; None when it has none to give."""
        key = hashlib.sha256(secret.encode()).hexdigest()
        renewal = self._renewals.get(key)
        if renewal is None:
            renewal = self._renewals[key] = asyncio.create_task(_ask(secret, scope))
        try:
            answer = await asyncio.shield(renewal)
        except ServiceAway:
            answer = None
        except Exception:  # whatever it was: it is raised again
            self._renewals.pop(key, None)  # a fault of ours must not be this person's until we restart
            raise
        if answer is None or answer.status == 429 or answer.status >= 500:
            self._renewals.pop(key, None)
            return None
        asyncio.get_running_loop().call_later(REMEMBERED_S, self._renewals.pop, key, None)
        return answer


def _is_for_everybody(path: str) -> bool:
    """Caches may keep these for anybody, so they carry nobody's cookies."""
    return path == REFRESH_PATH or path.startswith(settings.STATIC_URL) or "/.well-known/" in path


async def _ask(secret: str, scope: Any) -> Answer:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return await call(
        "auth",
        "POST",
        REFRESH_PATH,
        headers={
            "host": headers.get("host", ""),
            "x-forwarded-proto": headers.get("x-forwarded-proto", "http"),
            "x-request-id": scope["request_id"],
            "traceparent": headers.get("traceparent", ""),
            "user-agent": headers.get("user-agent", ""),
            "cookie": f"{REFRESH_COOKIE}={secret}",
            "sec-fetch-site": "same-origin",
        },
        client=scope["client"][0] if scope.get("client") else "",
    )


def _cookies_of(scope: Any) -> dict[str, str]:
    jar: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            jar |= _parsed(value.decode("latin-1"))
    return jar


def _parsed(header: str) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return {name: value for name, _, value in pairs if name}


def _with_cookies(scope: Any, cookies: dict[str, str], set_cookies: list[str]) -> Any:
    """The scope as if the browser had already sent what it is about to be given."""
    renewed = {**cookies}
    for line in set_cookies:
        renewed |= _given(line)
    text = "; ".join(f"{name}={value}" for name, value in renewed.items() if value)
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    return {**scope, "headers": [*headers, (b"cookie", text.encode("latin-1"))]}


def _given(line: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(line).items()}
    except CookieError:
        return {}


def _adding(send: Any, set_cookies: list[str]) -> Any:
    """`send` with the new cookies on the answer, unless it sets or clears them itself (a sign-in, a sign-out)."""

    async def wrapped(message: Any) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            headers = list(message.get("headers", []))
            own = {bytes(value).partition(b"=")[0] for name, value in headers if bytes(name).lower() == b"set-cookie"}
            headers += [
                (b"set-cookie", line.encode("latin-1"))
                for line in set_cookies
                if line.partition("=")[0].encode() not in own
            ]
            if set_cookies:
                headers = [(name, value) for name, value in headers if bytes(name).lower() != b"cache-control"]
                headers.append((b"cache-control", b"private, no-store"))
            message = {**message, "headers": headers}
        await send(message)

    return wrapped
