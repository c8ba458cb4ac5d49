"""One WebSocket of a test's client, close to the wire: cheap, can be cut, and can stop reading."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

SUBPROTOCOL = Subprotocol("abdre.v1")
NO_CLOSE_FRAME = 1006
OPENS_WITHIN_S = 10


class Line(asyncio.Protocol):
    """`on_text` gets each text frame, `on_close` the close code, once, if it ever opened."""

    _transport: asyncio.Transport | None = None
    _opened: asyncio.Future[None]

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        on_text: Callable[[bytes], None],
        on_close: Callable[[int], None],
    ) -> None:
        self._url = url
        self._protocol = ClientProtocol(parse_uri(url), subprotocols=[SUBPROTOCOL], max_size=None)
        self._headers = headers
        self._on_text = on_text
        self._on_close = on_close

    async def open(self, *, receive_buffer_bytes: int = 0) -> None:
        """Raises OSError, TimeoutError, and websockets' InvalidHandshake."""
        loop = asyncio.get_running_loop()
        self._opened = loop.create_future()
        try:
            async with asyncio.timeout(OPENS_WITHIN_S):
                connection = await _connected(self._url, receive_buffer_bytes)
                await loop.create_connection(lambda: self, sock=connection)
                await self._opened
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        """It never opened: nothing is heard of it any more, whatever the loop still has of it."""
        self._on_text, self._on_close = _nobody, _nobody
        if self._transport is not None:
            self._transport.abort()
        self._transport = None

    @property
    def is_open(self) -> bool:
        """Whether anything can still be said: neither side has begun to close."""
        return self._connects and self._protocol.state is State.OPEN

    @property
    def _connects(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def say(self, text: str) -> None:
        """Nothing is said into a line that is gone."""
        if self.is_open:
            self._protocol.send_text(text.encode())
            self._write()

    def cut(self) -> None:
        """No close frame, no good-bye."""
        if self._transport is not None:
            self._transport.abort()

    def stop_reading(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()

    def read_on(self) -> None:
        assert self._transport is not None
        self._transport.resume_reading()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        request = self._protocol.connect()
        request.headers.update(self._headers)
        self._protocol.send_request(request)
        self._write()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._settle_handshake()
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._on_text(bytes(event.data))
        self._write()

    def eof_received(self) -> None:
        self._protocol.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("closed during the handshake"))
            return
        self._transport = None
        closed = self._protocol.close_rcvd
        self._on_close(closed.code if closed else NO_CLOSE_FRAME)

    def _settle_handshake(self) -> None:
        if self._opened.done():
            return
        problem = self._protocol.handshake_exc
        if problem is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(problem)

    def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if self._transport is None or not self._connects:
                return
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


def _nobody(_: object) -> None:
    """Nobody listens."""


async def _connected(url: str, receive_buffer_bytes: int) -> socket.socket:
    address = parse_uri(url)
    connection = socket.socket()
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        await asyncio.get_running_loop().sock_connect(connection, (address.host, address.port))
    except BaseException:
        connection.close()
        raise
    return connection
