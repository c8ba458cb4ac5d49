"""Asking a service's API as the signed-in person."""

import json as json_format
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from abdre.service_client.transports import Call, Transport, in_process, over_http
from abdre.tokens import ACCESS_COOKIE

# With what a page itself takes, it comes within a second and a half.
TIMEOUT_S = 1.4
# A deed goes on behind a time-out: giving up early would show a failure for what has been done.
DEED_TIMEOUT_S = 10.0


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


async def call(
    service: str,
    method: str,
    path: str,
    *,
    request: HttpRequest | None = None,
    json: Any = None,
    file: bytes = b"",
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    timeout_s: float | None = None,
    client: str = "",
) -> Answer:
    """One API call on behalf of `request`'s person; `file`: bytes instead of JSON, a picture's or as `headers` say.

    Raises ServiceAway when no answer comes in time.
    """
    target = f"{path}?{urlencode(query)}" if query else path
    body = file if json is None else json_format.dumps(json).encode()
    sent = {**_headers_for(request), **(headers or {})}
    if body:
        sent.setdefault("content-type", "image/*" if json is None else "application/json")
    client = client or (request.META.get("REMOTE_ADDR", "") if request else "")
    timeout_s = timeout_s or (TIMEOUT_S if method == "GET" else DEED_TIMEOUT_S)
    status, received, content = await _transport()(Call(service, method, target, sent, body, client, timeout_s))
    return _answer(status, received, content)


def _headers_for(request: HttpRequest | None) -> dict[str, str]:
    if request is None:
        return {}
    headers = {
        "host": request.get_host(),
        "x-forwarded-proto": request.scheme or "http",
        "x-request-id": request.headers.get("X-Request-ID", ""),  # written by the door, as the next one
        "traceparent": request.headers.get("traceparent", ""),
        "accept-language": get_language() or "",  # the page's, which the person may have chosen
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
