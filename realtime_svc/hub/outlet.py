"""The way out of a socket: straight onto the transport where the server lends it, else through the server's `send`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from realtime_svc.protocol.frames import DIRECT, Frame


def outlet_of(scope: Mapping[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]) -> "Outlet":
    direct: Outlet | None = scope.get("extensions", {}).get(DIRECT)
    return direct or SentOutlet(send)


class Outlet(Protocol):
    """`is_clear`: the next frame can be taken at once. Whenever that changes, `on_change` is called.

    `write_wire` takes a frame's bytes while the outlet is clear; None where there is no such way.
    """

    is_clear: bool
    on_change: Callable[[], None] | None

    @property
    def write_wire(self) -> Callable[[bytes], None] | None: ...

    def write(self, frame: Frame) -> None: ...

    def detach(self) -> None:
        """Nobody listens to changes any more."""


class SentOutlet:
    """Any other ASGI server: one frame under way at a time, as slow as the reader."""

    write_wire = None

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.is_clear = True
        self.on_change: Callable[[], None] | None = None
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        self._set_clear(is_clear=False)
        self._sending = asyncio.create_task(self._sent(frame))

    async def _sent(self, frame: Frame) -> None:
        try:
            await self._send({"type": "websocket.send", "text": frame.payload.decode()})
        except (OSError, RuntimeError):  # how servers say that the client is gone, or that they hung up themselves
            return
        self._set_clear(is_clear=True)

    def _set_clear(self, *, is_clear: bool) -> None:
        self.is_clear = is_clear
        if self.on_change is not None:
            self.on_change()

    def detach(self) -> None:
        self.on_change = None
        if self._sending is not None:
            self._sending.cancel()
