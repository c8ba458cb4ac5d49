"""Everything that faces the outside passes here: request id, the true client, body limit, headers, one log line."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import structlog
from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string

from abdre import metrics, seen, stopping, trace, tracing
from abdre.cors import cors_headers
from abdre.errors import AppError, Malformed, TooLarge, TooSlow

log = logging.getLogger(__name__)


def content_security_policy(scripts: str = "'self'") -> str:
    """`scripts`: where scripts may come from; a page of ours names the nonce that its own ones carry."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


HEADERS = {
    b"content-security-policy": content_security_policy().encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(self), microphone=(self), geolocation=(), payment=()",
}
# A body may come as slowly as over the worst telephone line, and begin late.
BODY_GRACE_S = 15.0
BODY_BYTES_PER_S = 1024
PROBES = ("/livez", "/readyz")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WS"))
# Written by us alone; from a client they would be claims about itself.
FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port", b"forwarded")
WRITTEN_BY_US = frozenset((*FORWARDED, b"x-request-id", *trace.HEADERS))


class Door:
    """ASGI middleware, mounted in every role."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope, length = _settled(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"], trace_id=scope["trace_id"])
        passage = _Passage(scope, receive, send)
        passage.begin()
        try:
            await self._pass(passage, length)
        finally:
            passage.end()

    async def _pass(self, passage: "_Passage", length: bytes) -> None:
        try:
            passage.check_length(length)
            await self._inner(passage.scope, passage.receive, passage.send)
        except AppError as refusal:
            if passage.status:  # an answer has begun; nothing else can be said
                raise
            await passage.refuse(refusal)


def _settled(scope: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A scope of our own, and the length that the body is said to have."""
    # The headers as they came end here: a socket's would otherwise be kept for as long as it is open.
    trusted = settings.TRUSTED_PROXIES
    headers = dict(scope["headers"])
    request_id = headers.get(b"x-request-id", b"").decode("latin-1")[:64] if trusted else ""
    # From outside both would be a stranger's claims, and tie the traces of many people together.
    came = headers.get(trace.HEADER, b"") if trusted else b""
    is_probe = scope["path"] in PROBES
    traced, span = (trace.continued(came), None) if is_probe else tracing.entered(came)
    request_id = request_id or uuid.uuid4().hex
    scope = {**scope, "request_id": request_id, "trace_id": traced.trace_id, "span": span}
    _settle_client(scope, headers, trusted)
    scope["headers"].append((trace.HEADER, traced.header))
    return scope, headers.get(b"content-length", b"0")


def _settle_client(scope: dict[str, Any], headers: dict[bytes, bytes], trusted: int) -> None:
    """Put the true client and scheme into the scope, and drop what a client may have written itself."""
    if trusted:
        hops = [hop.strip() for hop in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if hop.strip()]
        if len(hops) >= trusted:
            scope["client"] = (hops[-trusted], 0)
        secure = headers.get(b"x-forwarded-proto", b"") == b"https"
    else:
        secure = scope.get("scheme") in ("https", "wss")
    # A name with an underscore is another one's to CGI's heirs, who write both alike (as X_Forwarded_For).
    said = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    kept = [(name, value) for name, value in said if name not in WRITTEN_BY_US]
    kept += [(b"x-forwarded-proto", b"https" if secure else b"http"), (b"x-request-id", scope["request_id"].encode())]
    if scope["path"] in PROBES:
        kept = [(name, settings.PROBE_HOST.encode() if name == b"host" else value) for name, value in kept]
    scope["headers"] = kept


def _body_limit_bytes(path: str) -> int:
    larger = (limit for pattern, limit in settings.LARGER_BODIES if re.fullmatch(pattern, path))
    return max(settings.BODY_LIMIT_BYTES, *larger, 0)


@cache
def _refused() -> Callable[[Any, AppError], HttpResponse]:
    return cast(Callable[[Any, AppError], HttpResponse], import_string(settings.REFUSED))


class _Passage:
    """One request or socket on its way through."""

    def __init__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope = scope
        self.status = 0
        self._receive = receive
        self._send = send
        self._received_bytes = 0
        self._has_all = scope["type"] != "http"
        self._body_limit_bytes = _body_limit_bytes(scope["path"])
        self._began = time.perf_counter()
        self._seen = seen.begin()
        self._span = scope.pop("span")

    def check_length(self, length: bytes) -> None:
        if not length.isdigit():
            raise Malformed
        if int(length) > self._body_limit_bytes:
            raise TooLarge

    async def receive(self) -> Any:
        if self._has_all:
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience_s()):
                message = await self._receive()
        except TimeoutError as problem:
            raise TooSlow from problem
        self._has_all = not message.get("more_body", False)
        self._received_bytes += len(message.get("body", b""))
        if self._received_bytes > self._body_limit_bytes:
            raise TooLarge
        return message

    def _patience_s(self) -> float:
        """Until a body that comes as slowly as it may would be here as far as it is."""
        return BODY_GRACE_S + self._received_bytes / BODY_BYTES_PER_S - (time.perf_counter() - self._began)

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._with_ours(message.get("headers", []))}
        elif message["type"] == "websocket.accept":
            self.status = 101
            self._end_span("WS", self.status)  # a socket may be open for days, and what it says are deeds of their own
            request_id = (b"x-request-id", self.scope["request_id"].encode())
            message = {**message, "headers": [*message.get("headers", []), request_id]}
        elif message["type"] == "websocket.close" and not self.status:
            self.status = 403
        await self._send(message)

    def _with_ours(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """The answer's own headers win; a service behind the gateway has already written its request id."""
        named = [(bytes(name).lower(), bytes(value)) for name, value in headers]
        there = {name for name, _ in named}
        ours = {**HEADERS, b"x-request-id": self.scope["request_id"].encode()}
        if settings.SECURE_HSTS_SECONDS:
            # Browsers complain aloud where an insecure origin asks for isolation.
            ours[b"cross-origin-opener-policy"] = b"same-origin"
            ours[b"strict-transport-security"] = f"max-age={settings.SECURE_HSTS_SECONDS}".encode()
        if stopping.is_stopping():
            ours[b"connection"] = b"close"  # the next request finds another process
        added = [*ours.items(), *cors_headers(self.scope)]
        return named + [(name, value) for name, value in added if name not in there or name == b"vary"]

    async def refuse(self, refusal: AppError) -> None:
        if self.scope["type"] != "http":
            await self.send({"type": "websocket.close", "code": 4500})
            return
        answer = _refused()(self.scope, refusal)
        answer.headers["Content-Length"] = str(len(answer.content))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
        await self.send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await self.send({"type": "http.response.body", "body": answer.content})

    def begin(self) -> None:
        if self._is_request:
            metrics.HTTP_IN_PROGRESS.add(1)

    def end(self) -> None:
        if self.scope["path"] in PROBES:
            return
        took_s = time.perf_counter() - self._began
        method, status = self.scope.get("method", "WS"), self.status or 499
        facts = {"method": method, "path": self.scope["path"], "ms": round(took_s * 1000, 1), "status": status}
        log.info("request", extra=facts)
        if method not in METHODS:  # whatever a client may call one
            method = "other"
        self._end_span(method, status)
        metrics.HTTP_REQUESTS.add(1, method, self._seen.route, str(status))
        if self._is_request:
            metrics.HTTP_IN_PROGRESS.add(-1)
            metrics.HTTP_SECONDS.observe(took_s, method, self._seen.route)

    def _end_span(self, method: str, status: int) -> None:
        span, self._span = self._span, None
        if span is not None:
            facts = {
                "http.request.method": method,
                "http.route": self._seen.route,
                "http.response.status_code": status,
                "request_id": self.scope["request_id"],
            }
            tracing.left(span, f"{method} {self._seen.route}", facts)

    @property
    def _is_request(self) -> bool:
        """Neither a probe nor a socket, which may be open for days."""
        return self.scope["type"] == "http" and self.scope["path"] not in PROBES
