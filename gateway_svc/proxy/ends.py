"""The two ends of a tunnel: what comes in at one goes out at the other."""

import asyncio
import random
from typing import Any

from abdre.sockets import COME_BACK

HEAD_LIMIT_BYTES = 32 * 1024
HEAD_END = b"\r\n\r\n"
# For the service to answer what was said before, and for the client to hear it.
GOODBYE_S = 5.0


class End(asyncio.Protocol):
    """One end of a tunnel. What comes in here goes out at the other end, no faster than it is taken there."""

    def __init__(self) -> None:
        self.other: End | None = None
        self.transport: asyncio.Transport
        self.silent: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # says no more
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._early = bytearray()  # heard before there was another end
        self._leaving: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)
        else:
            self.hear(data)

    def hear(self, data: bytes) -> None:
        """Before there is another end."""
        self._early += data

    def pass_on(self) -> None:
        """What was heard early."""
        assert self.other is not None
        if self._early:
            self.other.transport.write(bytes(self._early))
            self._early.clear()

    def abort(self) -> None:
        if not self.ended.done():
            self.transport.abort()

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.silent.done():
            self.other.transport.resume_reading()

    def eof_received(self) -> bool:
        """That is said at the other end too, at once: to close this one first waits until it has taken everything.

        True: this end stays, and may still be told things.
        """
        was_last = self.other is None or self.other.silent.done()
        self._fall_silent()
        if self.other is None or was_last or not self.other.transport.can_write_eof():
            return False
        self.other.transport.write_eof()
        return True

    def _fall_silent(self) -> None:
        if not self.silent.done():
            self.silent.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fall_silent()
        if self._leaving is not None:
            self._leaving.cancel()
        if not self.ended.done():
            self.ended.set_result(None)
        if self.other is not None:
            self.other.transport.close()  # after what is still to be written there

    def leave(self, within_s: float) -> None:
        """At a moment of its own the service is told that the client comes back, and answers the client so.

        In the middle of a long frame of the client's it hears that as nonsense, and ends the line in its own way.
        """
        if self._leaving is not None:
            self._leaving.cancel()
        moment_s = random.uniform(0, within_s)  # noqa: S311  # a spread, not a secret
        self._leaving = asyncio.get_running_loop().call_later(moment_s, self._leave)

    def _leave(self) -> None:
        if self.other is not None and not (self.silent.done() or self.other.ended.done()):
            self.other.transport.write(_close_frame(COME_BACK))
            self._leaving = asyncio.get_running_loop().call_later(GOODBYE_S, self.abort)


class Far(End):
    """The service's end: first of all it hears how the handshake is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def hear(self, data: bytes) -> None:
        super().hear(data)
        if self.head.done():
            return
        end = self._early.find(HEAD_END) + len(HEAD_END)
        if end >= len(HEAD_END):
            self.head.set_result(bytes(self._early[:end]))
            del self._early[:end]
        elif len(self._early) > HEAD_LIMIT_BYTES:
            self.head.set_exception(ConnectionError("the head of the answer does not end"))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.head.done():
            self.head.set_exception(exc or ConnectionError("the service hung up"))


def _close_frame(code: int) -> bytes:
    """As a client writes it (RFC 6455, 5.5.1), its mask being nothing."""
    return b"\x88\x82\0\0\0\0" + code.to_bytes(2, "big")
