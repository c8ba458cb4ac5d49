"""One WebSocket of a test's client, close to the wire: cheap, can be cut, and can stop reading."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

SUBPROTOCOL = Subprotocol("abdre.v1")
NO_CLOSE_FRAME = 1006
OPENS_WITHIN_S = 10


class Line(asyncio.Protocol):
    """`on_text` gets each text frame, `on_close` the close code, once."""

    transport: asyncio.Transport

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        on_text: Callable[[bytes], None],
        on_close: Callable[[int], None],
    ) -> None:
        self._protocol = ClientProtocol(parse_uri(url), subprotocols=[SUBPROTOCOL], max_size=None)
        self._headers = headers
        self._on_text = on_text
        self._on_close = on_close
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(
        cls,
        url: str,
        headers: Mapping[str, str],
        *,
        on_text: Callable[[bytes], None],
        on_close: Callable[[int], None],
        receive_buffer_bytes: int = 0,
    ) -> Self:
        """Raises OSError, TimeoutError, and websockets' InvalidHandshake."""
        line = cls(url, headers, on_text=on_text, on_close=on_close)
        async with asyncio.timeout(OPENS_WITHIN_S):
            connection = await _connected(url, receive_buffer_bytes)
            transport, _ = await asyncio.get_running_loop().create_connection(lambda: line, sock=connection)
            try:
                await line._opened
            except BaseException:
                transport.abort()
                raise
        return line

    def say(self, text: str) -> None:
        """Nothing is said into a line that is gone."""
        if not self.transport.is_closing():
            self._protocol.send_text(text.encode())
            self._write()

    def cut(self) -> None:
        """No close frame, no good-bye."""
        self.transport.abort()

    def close(self) -> None:
        if not self.transport.is_closing():
            self._protocol.send_close(1000)
            self._write()

    def stop_reading(self) -> None:
        self.transport.pause_reading()

    def read_on(self) -> None:
        self.transport.resume_reading()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
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
            self.transport.abort()

    def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if self.transport.is_closing():
                return
            if data:
                self.transport.write(data)
            else:
                self.transport.close()


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
