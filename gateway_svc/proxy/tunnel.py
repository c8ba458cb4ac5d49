"""Sockets under our own server: after the handshakes the two lines are joined, and bytes go through as they come.

Frames, pings, close codes and reasons are between the client and its service then, and nobody reads them on the way.
"""

import asyncio
from functools import partial
from typing import Any, Protocol

from abdre.service_client import ServiceAway, way_to
from abdre.sockets import TUNNEL, come_back_later
from gateway_svc.proxy.ends import End, Far
from gateway_svc.proxy.handshake import request_of, shake_hands

# When one end says no more, the other one has so long to take what was said. Who does not read would stay for ever.
LINGER_S = 5.0
REFUSED = {"type": "websocket.close", "code": 4500}  # before accepting: a 403


class OurServer(Protocol):
    """What our server offers under `TUNNEL`."""

    def take_over(self, end: End) -> bytes:
        """The client's line, once its handshake is answered, is the end's. Answers what the client has said already."""
        ...


async def forward_socket(service: str, scope: Any, receive: Any, send: Any) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    request = request_of(scope)
    if request is None:
        await send(REFUSED)
        return
    try:
        far, answer = await way_to(service).through(partial(shake_hands, request))
    except ServiceAway:
        await come_back_later(scope, send, f"{service} is away")
        return
    try:
        if answer.status != 101:
            await send(REFUSED)
            return
        await send({"type": "websocket.accept", "subprotocol": answer.subprotocol, "headers": answer.headers})
        await _joined(scope["extensions"].pop(TUNNEL), far)
    finally:
        far.abort()


async def _joined(server: OurServer, far: Far) -> None:
    near = End()
    near.hear(server.take_over(near))
    near.other, far.other = far, near
    near.pass_on()
    far.pass_on()
    try:
        await asyncio.wait((near.silent, far.silent), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((near.ended, far.ended), timeout=LINGER_S)
    finally:
        near.abort()
        near.other = far.other = None  # else each would hold the other for the collector
