"""The way to the services: a fixed table of prefixes, bodies and sockets streamed both ways."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from multidict import CIMultiDict

from abdre.errors import Unavailable
from abdre.service_client import PROBLEMS, ServiceAway, way_to
from abdre.sockets import come_back_later

# Whole path segments; what is not here is a page of ours. There is no other way in.
ROUTES = (
    ("/api/auth", "auth"),
    ("/api/users", "user"),
    ("/api/oauth", "oauth"),
    ("/api/chats", "chat"),
    ("/oauth", "oauth"),
    ("/ws", "realtime"),
    ("/admin", "auth"),
    ("/static/admin", "auth"),
)
# RFC 9110, 7.6.1: these speak of one connection only.
HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
HANDSHAKE = frozenset(
    [
        "sec-websocket-key",
        "sec-websocket-version",
        "sec-websocket-extensions",
        "sec-websocket-protocol",
        "content-length",
    ]
)
# Our own server writes these.
OURS = frozenset(("server", "date"))
# Between the request's last byte and the answer's first one, and between any two of the answer.
HTTP_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=1, sock_read=10)
SOCKET_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=5)
HANDSHAKE_TIMEOUT_S = 5
# Codes that no endpoint may send (RFC 6455, 7.4.1): they say that none was received.
UNSENDABLE = frozenset((1004, 1005, 1006, 1015))


class Proxy:
    """ASGI middleware: what the table names goes to its service, everything else further in."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        service = service_for(scope["path"])
        if service is None:
            if scope["type"] == "websocket":
                service = "realtime"  # it closes unknown paths with a code that browsers can read
            else:
                await self._inner(scope, receive, send)
                return
        forward = _forward_http if scope["type"] == "http" else _forward_socket
        await forward(service, scope, receive, send)


def service_for(path: str) -> str | None:
    return next(
        (service for prefix, service in ROUTES if path == prefix or path.startswith(f"{prefix}/")),
        None,
    )


def _target(scope: Any) -> str:
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    return str(path + query)


def _sent_headers(scope: Any, *, without: frozenset[str] = frozenset()) -> CIMultiDict[str]:
    """The client's headers, but for those of its own connection; the door has already written who it is."""
    given = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    named = {token.strip().lower() for name, value in given if name == "connection" for token in value.split(",")}
    dropped = HOP_BY_HOP | named | without
    headers = CIMultiDict((name, value) for name, value in given if name not in dropped)
    headers["X-Forwarded-For"] = scope["client"][0] if scope.get("client") else ""
    return headers


class _Body:
    """The request's body on its way through; knows when the client has said everything."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self.ended = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            if message.get("body"):
                yield message["body"]
            more = message.get("more_body", False)
        self.ended.set()

    async def client_gone(self) -> None:
        """Returns when the client hangs up after its request."""
        await self.ended.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


class ClientGone(Exception):
    """The client hung up in the middle; there is nobody to answer."""


async def _forward_http(service: str, scope: Any, receive: Any, send: Any) -> None:
    body = _Body(receive)
    exchange = asyncio.create_task(_exchange(service, scope, body, send))
    gone = asyncio.create_task(body.client_gone())
    try:
        await asyncio.wait((exchange, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not exchange.done():
            exchange.cancel()  # which ends the upstream's work too
    with contextlib.suppress(ClientGone, asyncio.CancelledError):
        await exchange


async def _exchange(service: str, scope: Any, body: _Body, send: Any) -> None:
    headers = _sent_headers(scope)
    has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
    if not has_body:
        body.ended.set()
    try:
        async with way_to(service).request(
            scope["method"],
            _target(scope),
            headers=headers,
            data=body.chunks() if has_body else None,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            timeout=HTTP_TIMEOUT,
        ) as response:
            await _pass_back(response, send)
    except ServiceAway as problem:
        raise Unavailable(retry_after_s=problem.retry_after_s) from problem
    except PROBLEMS as problem:  # in the middle of the answer
        raise Unavailable(retry_after_s=1) from problem


async def _pass_back(response: aiohttp.ClientResponse, send: Any) -> None:
    dropped = HOP_BY_HOP | OURS
    headers = [(name.lower(), value) for name, value in response.raw_headers]
    kept = [(name, value) for name, value in headers if name.decode("latin-1") not in dropped]
    await send({"type": "http.response.start", "status": response.status, "headers": kept})
    async for chunk in response.content.iter_any():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _forward_socket(service: str, scope: Any, receive: Any, send: Any) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        line = await _connect(service, scope)
    except aiohttp.WSServerHandshakeError:
        await send({"type": "websocket.close", "code": 4500})  # before accepting: a 403, as the service answered
        return
    except ServiceAway:
        await come_back_later(scope, send, "realtime is away")
        return
    async with line:
        await send({"type": "websocket.accept", "subprotocol": line.protocol})
        await _pump_both(line, receive, send)


async def _connect(service: str, scope: Any) -> aiohttp.ClientWebSocketResponse:
    return await way_to(service).socket(
        _target(scope),
        timeout_s=HANDSHAKE_TIMEOUT_S,
        headers=_sent_headers(scope, without=HANDSHAKE),
        protocols=scope.get("subprotocols", []),
        timeout=SOCKET_TIMEOUT,
        autoclose=False,
        max_msg_size=0,
        compress=0,
    )


async def _pump_both(line: aiohttp.ClientWebSocketResponse, receive: Any, send: Any) -> None:
    """Until either side ends; the other one is told with the same code."""
    pumps = [asyncio.create_task(_outwards(line, send)), asyncio.create_task(_inwards(line, receive))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _outwards(line: aiohttp.ClientWebSocketResponse, send: Any) -> None:
    while True:
        message = await line.receive()  # not `async for`, which ends at a close frame without showing its code
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        elif message.type is aiohttp.WSMsgType.CLOSE:
            await send({"type": "websocket.close", "code": _sendable(message.data), "reason": message.extra or ""})
            return
        else:
            await send({"type": "websocket.close", "code": 4001, "reason": "realtime went away"})
            return


async def _inwards(line: aiohttp.ClientWebSocketResponse, receive: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await line.close(code=_sendable(message.get("code")))
            return
        if message.get("text") is not None:
            await line.send_str(message["text"])
        else:
            await line.send_bytes(message["bytes"])


def _sendable(code: int | None) -> int:
    return 1000 if not code or code in UNSENDABLE else code
