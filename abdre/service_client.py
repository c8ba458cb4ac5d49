"""Asking a service's API as the signed-in person: over HTTP in the split, in process in the all-in-one."""

import asyncio
import contextvars
import json as json_format
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import aiohttp
from django.conf import settings
from django.http import HttpRequest

from abdre.tokens import ACCESS_COOKIE

TIMEOUT_S = 1.5
# A deed goes on behind a time-out: giving up early would show a failure for what has been done.
DEED_TIMEOUT_S = 10.0


class ServiceAway(Exception):
    """The service did not answer in time; the page shows that part as unavailable."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any  # parsed JSON, None where the answer is none
    text: str = ""
    cookies: list[str] = field(default_factory=list)  # raw Set-Cookie values, to be passed on to the browser
    retry_after_s: int | None = None

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def code(self) -> str:
        """The refusal's code, empty when there is none."""
        return str(self.body.get("error", {}).get("code", "")) if isinstance(self.body, dict) else ""


class Transport(Protocol):
    async def __call__(
        self, service: str, method: str, target: str, headers: dict[str, str], body: bytes, client: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """(status, headers with lower-case names, body)."""
        ...


async def call(
    service: str,
    method: str,
    path: str,
    *,
    request: HttpRequest | None = None,
    json: Any = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    timeout_s: float | None = None,
    client: str = "",
) -> Answer:
    """One API call on behalf of `request`'s person. Raises ServiceAway when no answer comes in time."""
    target = f"{path}?{urlencode(query)}" if query else path
    body = b"" if json is None else json_format.dumps(json).encode()
    sent = {**_headers_for(request), **(headers or {})}
    if body:
        sent["content-type"] = "application/json"
    client = client or (request.META.get("REMOTE_ADDR", "") if request else "")
    try:
        async with asyncio.timeout(timeout_s or (TIMEOUT_S if method == "GET" else DEED_TIMEOUT_S)):
            status, received, content = await _transport()(service, method, target, sent, body, client)
    except (TimeoutError, OSError, aiohttp.ClientError) as problem:
        raise ServiceAway(f"{service} did not answer {method} {path}") from problem
    return _answer(status, received, content)


def _headers_for(request: HttpRequest | None) -> dict[str, str]:
    if request is None:
        return {}
    headers = {
        "host": request.get_host(),
        "x-forwarded-proto": request.scheme or "http",
        "x-request-id": request.headers.get("X-Request-ID", ""),  # written by the door
        "accept-language": request.headers.get("Accept-Language", ""),
        "user-agent": request.headers.get("User-Agent", ""),
    }
    if access := request.COOKIES.get(ACCESS_COOKIE):
        headers["authorization"] = f"Bearer {access}"
    return headers


def _answer(status: int, headers: list[tuple[str, str]], content: bytes) -> Answer:
    named = dict(headers)
    try:
        body = json_format.loads(content) if content else None
    except ValueError:
        body = None
    retry = named.get("retry-after", "")
    cookies = [value for name, value in headers if name == "set-cookie"]
    text = content.decode("utf-8", "replace")
    return Answer(status, body, text, cookies, int(retry) if retry.isdigit() else None)


@cache
def _transport() -> Transport:
    return over_http if settings.SERVICE_TRANSPORT == "http" else in_process


class Clients(NamedTuple):
    """Connections belong to a loop, and an open socket keeps its place in the pool for as long as it lives."""

    requests: aiohttp.ClientSession
    sockets: aiohttp.ClientSession


_clients: dict[asyncio.AbstractEventLoop, Clients] = {}


def clients() -> Clients:
    """The running loop's clients."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        for gone in [known for known in _clients if known.is_closed()]:
            del _clients[gone]
        _clients[loop] = Clients(requests=_client(limit=128), sockets=_client(limit=0))
    return _clients[loop]


def _client(limit: int) -> aiohttp.ClientSession:
    """`limit`: connections to one service at once, 0 for any number."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=limit, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


async def over_http(
    service: str, method: str, target: str, headers: dict[str, str], body: bytes, client: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    sent = {**headers, "x-forwarded-for": client}
    url = settings.UPSTREAMS[service] + target
    async with clients().requests.request(
        method, url, headers=sent, data=body or None, allow_redirects=False
    ) as response:
        content = await response.read()
        return response.status, [(name.lower(), value) for name, value in response.headers.items()], content


async def in_process(
    service: str, method: str, target: str, headers: dict[str, str], body: bytes, client: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """The same request to our own Django, as a task with a context of its own.

    In the page's context all its parts would share the one thread that asgiref gives a request, one after another, and
    a part given up would go on in the page's way; shielded and apart, its end is its own.
    """
    from abdre.asgi import django_application as application

    django: Any = application

    parts = urlsplit(target)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": headers.get("x-forwarded-proto", "http"),
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()),
        ],
        "client": (client or "127.0.0.1", 0),
        "server": None,
        "request_id": headers.get("x-request-id", ""),
    }
    collected = _Collector(body)
    asking = asyncio.create_task(django(scope, collected.receive, collected.send), context=contextvars.Context())
    await asyncio.shield(asking)
    return collected.status, collected.headers, bytes(collected.content)


class _Collector:
    """The two ends of an ASGI call, held in memory."""

    def __init__(self, body: bytes) -> None:
        self._requests = [{"type": "http.request", "body": body, "more_body": False}]
        self._never = asyncio.Event()
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.content = bytearray()

    async def receive(self) -> dict[str, Any]:
        if self._requests:
            return self._requests.pop()
        await self._never.wait()  # Django listens for a disconnect that never comes
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"]
            ]
        else:
            self.content += message.get("body", b"")


async def close() -> None:
    mine = _clients.pop(asyncio.get_running_loop(), None)
    if mine is not None:
        await mine.requests.close()
        await mine.sockets.close()
