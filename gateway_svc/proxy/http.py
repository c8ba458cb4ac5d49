"""Requests, their bodies streamed both ways."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from abdre.errors import Unavailable
from abdre.service_client import PROBLEMS, ServiceAway, way_to
from gateway_svc.proxy.heads import HOP_BY_HOP, sent_headers, target_of

# Our own server writes these.
OURS = frozenset(("server", "date"))
# RFC 9110, 8.6: a length may stand there, but it is another answer's; our own server would wait for so many bytes.
BODILESS = (204, 304)
# A body of up to so much is awaited before the service is asked, so that slow clients take up no place there.
SMALL_BYTES = 64 * 1024
# Between the request's last byte and the answer's first one, and between any two of the answer.
HTTP_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=1, sock_read=10)


class _Body:
    """The request's body on its way through; knows when the client has said everything."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self.ended = asyncio.Event()

    async def begun(self) -> bytes | AsyncIterator[bytes]:
        """All of a small one; of a larger one, as much as is here and what comes."""
        early, chunks = bytearray(), self._chunks()
        async for chunk in chunks:
            early += chunk
            if len(early) > SMALL_BYTES:
                return self._both(bytes(early), chunks)
        return bytes(early)

    async def _both(self, early: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield early
        async for chunk in chunks:
            yield chunk

    async def _chunks(self) -> AsyncIterator[bytes]:
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


async def forward_http(service: str, scope: Any, receive: Any, send: Any) -> None:
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
    headers = sent_headers(scope)
    has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
    if not has_body:
        body.ended.set()
    data = await body.begun() if has_body else None
    if isinstance(data, bytes):
        headers.popall("Expect", None)  # we have told it to go on, and it has
    try:
        async with way_to(service).request(
            scope["method"],
            target_of(scope),
            headers=headers,
            data=data,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            timeout=HTTP_TIMEOUT,
        ) as response:
            await _pass_back(response, send)
    except ServiceAway as problem:
        raise Unavailable(retry_after_s=problem.retry_after_s) from problem
    except PROBLEMS as problem:  # in the middle of the answer
        raise Unavailable(retry_after_s=1) from problem


async def _pass_back(response: aiohttp.ClientResponse, send: Any) -> None:
    dropped = HOP_BY_HOP | OURS | ({"content-length"} if response.status in BODILESS else set())
    headers = [(name.lower(), value) for name, value in response.raw_headers]
    kept = [(name, value) for name, value in headers if name.decode("latin-1") not in dropped]
    await send({"type": "http.response.start", "status": response.status, "headers": kept})
    more = True
    while more:
        chunk = await response.content.readany()
        more = not response.content.at_eof()  # most answers are here at once: what is their last part is said with it
        await send({"type": "http.response.body", "body": chunk, "more_body": more})
