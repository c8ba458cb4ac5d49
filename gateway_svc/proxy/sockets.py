"""Sockets under any server: each frame is read and said again."""

import asyncio
from typing import Any

import aiohttp

from abdre.service_client import ServiceAway, way_to
from abdre.sockets import come_back_later
from gateway_svc.proxy.heads import sent_headers, target_of

HANDSHAKE = frozenset(
    [
        "sec-websocket-key",
        "sec-websocket-version",
        "sec-websocket-extensions",
        "sec-websocket-protocol",
        "content-length",
    ]
)
SOCKET_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=5)
HANDSHAKE_TIMEOUT_S = 5
# Codes that no endpoint may send (RFC 6455, 7.4.1): they say that none was received.
UNSENDABLE = frozenset((1004, 1005, 1006, 1015))


async def forward_socket(service: str, scope: Any, receive: Any, send: Any) -> None:
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
        target_of(scope),
        timeout_s=HANDSHAKE_TIMEOUT_S,
        headers=sent_headers(scope, without=HANDSHAKE),
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
