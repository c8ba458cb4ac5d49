"""What waits for one socket: sent at once while it is idle, joined into one frame while a send is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from realtime_svc.protocol.items import Item, joined
from realtime_svc.protocol.limits import FRAME_JOIN_BYTES, OUTBOX_LIMIT_BYTES

# A long answer is handed over piece by piece, so that live events find room beside it.
ROOMY_BYTES = OUTBOX_LIMIT_BYTES // 4


class OutboxClosed(Exception):
    """The socket is gone; whatever was meant for it will be found by a resume."""


class Outbox:
    """Corked until `open` has said hello, bounded by bytes; a reader too slow for that is reported by `on_full`."""

    def __init__(self, send: Callable[[str], Awaitable[None]], *, on_full: Callable[[], None]) -> None:
        self._send = send
        self._on_full = on_full
        self._waiting: list[Item] = []
        self._bytes = 0
        self.is_corked = True
        self._closed = False
        self._draining: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    def open(self, first: Item) -> None:
        self._waiting.insert(0, first)
        self._bytes += first.size
        self.is_corked = False
        self._drain_soon()

    def put(self, item: Item) -> None:
        if self._closed:
            return
        self._waiting.append(item)
        self._bytes += item.size + 1
        if self._bytes > OUTBOX_LIMIT_BYTES:
            self._make_room()
        if self._draining is None and not self.is_corked:
            self._drain_soon()

    async def put_all(self, items: Iterable[Item]) -> None:
        """A long answer, no faster than the reader takes it. Raises OutboxClosed."""
        for item in items:
            while self._bytes > ROOMY_BYTES and not self._closed:
                self._moved.clear()
                await self._moved.wait()
            if self._closed:
                raise OutboxClosed
            self.put(item)

    async def flushed(self) -> None:
        """Until all that waits was handed to the server, or nothing will be any more."""
        while (self._waiting or self._draining) and not self._closed and not self.is_corked:
            self._moved.clear()
            await self._moved.wait()

    def close(self) -> None:
        """Forget what waits; nothing is taken any more."""
        self._closed = True
        self._waiting.clear()
        self._bytes = 0
        self._moved.set()
        if self._draining is not None:
            self._draining.cancel()

    def _make_room(self) -> None:
        """Let the droppable go first; the rest is what the socket may not miss."""
        self._waiting = [item for item in self._waiting if not item.droppable]
        self._bytes = sum(item.size + 1 for item in self._waiting)
        if self._bytes > OUTBOX_LIMIT_BYTES:
            self._on_full()

    def _drain_soon(self) -> None:
        # The task begins on the loop's next turn: items of one turn leave in one frame.
        self._draining = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._send(joined(self._next()))
                self._moved.set()
        except (OSError, RuntimeError):  # how servers say that the client is gone, or that they hung up themselves
            self._closed = True
            self._waiting.clear()
        finally:
            self._draining = None
            self._moved.set()

    def _next(self) -> list[Item]:
        """As many of the waiting as make one frame of a good size."""
        size = count = 0
        for item in self._waiting:
            if count and size + item.size > FRAME_JOIN_BYTES:
                break
            size += item.size + 1
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        self._bytes -= size
        return taken
