"""How a call reaches a service: over HTTP in the split, in process in the all-in-one."""

import asyncio
import contextvars
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import aiohttp
import structlog

from abdre import seen, tracing
from abdre.service_client.clients import way_to
from abdre.service_client.errors import ServiceAway
from abdre.service_client.upstream import CONNECT_S, PROBLEMS


class Call(NamedTuple):
    """What is asked, of whom, and for which client (its address)."""

    service: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    client: str
    timeout_s: float


Received = tuple[int, list[tuple[str, str]], bytes]  # status, headers with lower-case names, body


class Transport(Protocol):
    async def __call__(self, call: Call) -> Received:
        """Raises ServiceAway."""
        ...


async def over_http(call: Call) -> Received:
    headers = {**call.headers, "x-forwarded-for": call.client}
    timeout = aiohttp.ClientTimeout(total=call.timeout_s, sock_connect=CONNECT_S)
    try:
        async with way_to(call.service).request(
            call.method, call.target, headers=headers, data=call.body or None, timeout=timeout
        ) as response:
            content = await response.read()
            return response.status, [(name.lower(), value) for name, value in response.headers.items()], content
    except PROBLEMS as problem:  # in the middle of the answer
        raise ServiceAway(f"{call.service} broke off its answer to {call.method}") from problem


async def in_process(call: Call) -> Received:
    """The same request to our own Django, as a task with a context of its own.

    In the page's context all its parts would share the one thread that asgiref gives a request, one after another, and
    a part given up would go on in the page's way; shielded and apart, its end is its own.
    """
    from abdre.asgi import django_application as application

    django: Any = application

    parts = urlsplit(call.target)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": call.headers.get("x-forwarded-proto", "http"),
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (b"content-length", str(len(call.body)).encode()),
            *(
                (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                for name, value in call.headers.items()
            ),
        ],
        "client": (call.client or "127.0.0.1", 0),
        "server": None,
        "request_id": call.headers.get("x-request-id", ""),
    }
    collected = _Collector(call.body)
    own = contextvars.Context()
    own.run(structlog.contextvars.bind_contextvars, **structlog.contextvars.get_contextvars())
    own.run(seen.begin)
    try:
        with tracing.asking(call.service, call.method, {}):
            own.run(tracing.go_on, tracing.here())
            asking = asyncio.create_task(django(scope, collected.receive, collected.send), context=own)
            async with asyncio.timeout(call.timeout_s):
                await asyncio.shield(asking)
    except TimeoutError as problem:
        raise ServiceAway(f"{call.service} did not answer {call.method}") from problem
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
