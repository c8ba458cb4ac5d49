"""How a call reaches a service: over HTTP in the split, in process in the all-in-one."""

import asyncio
import contextvars
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from abdre.service_client.clients import clients


class Transport(Protocol):
    async def __call__(
        self, service: str, method: str, target: str, headers: dict[str, str], body: bytes, client: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """(status, headers with lower-case names, body)."""
        ...


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
