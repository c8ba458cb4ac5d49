"""What waits for one socket, in order and bounded."""

import asyncio
from collections.abc import Callable, Iterable

from abdre import metrics
from realtime_svc.hub.flusher import Flusher
from realtime_svc.hub.outlet import Outlet
from realtime_svc.protocol.frames import Frame, framed
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import OUTBOX_LIMIT_BYTES

# A long answer is handed over piece by piece, so that live events find room beside it.
ROOMY_BYTES = OUTBOX_LIMIT_BYTES // 4


class OutboxClosed(Exception):
    """The socket is gone; whatever was meant for it will be found by a resume."""


def _nobody_minds() -> None:
    """Nothing waits in a closed outbox."""


class Outbox:
    """Corked until `open` has said hello, bounded by bytes; a reader too slow for that is reported by `on_full`.

    `write_shared` takes the bytes of a frame that all sockets of a room share; it is None while they would overtake
    what waits, or be too much.
    """

    __slots__ = (
        "_closed",
        "_flusher",
        "_is_due",
        "_moved",
        "_on_full",
        "_outlet",
        "_waiting",
        "is_corked",
        "waiting_bytes",
        "write_shared",
    )

    def __init__(self, outlet: Outlet, flusher: Flusher, *, on_full: Callable[[], None]) -> None:
        self.is_corked = True
        self._outlet = outlet
        self._flusher = flusher
        self._on_full = on_full
        self._waiting: list[Item] = []
        self.waiting_bytes = 0
        self._closed = False
        self._is_due = False  # the flusher has us on its list
        self._moved: asyncio.Event | None = None  # made by the first who waits: few ever do
        self.write_shared: Callable[[bytes], None] | None = None
        outlet.on_change = self._outlet_changed

    def open(self, first: Item) -> None:
        self._waiting.insert(0, first)
        self.waiting_bytes += first.size + 1
        self.is_corked = False
        self._due()

    def put(self, item: Item) -> None:
        if self._closed:
            return
        self._waiting.append(item)
        self.write_shared = None
        self.waiting_bytes += item.size + 1
        if self.waiting_bytes > OUTBOX_LIMIT_BYTES:
            self._make_room()
        if self._outlet.is_clear and not self.is_corked:
            self._due()

    async def put_all(self, items: Iterable[Item]) -> None:
        """A long answer, no faster than the reader takes it. Raises OutboxClosed."""
        for item in items:
            while self.waiting_bytes > ROOMY_BYTES and not self._closed:
                await self._moves()
            if self._closed:
                raise OutboxClosed
            self.put(item)

    async def flushed(self) -> None:
        """Until all that waits was handed to the server, or nothing will be any more."""
        while (self._waiting or not self._outlet.is_clear) and not self._closed and not self.is_corked:
            await self._moves()

    def flush(self) -> None:
        """Called by the flusher."""
        self._is_due = False
        if self.is_corked:  # the outlet changed before hello was said
            return
        for frame in framed(self._waiting):
            if not self._outlet.is_clear or self._closed:
                break
            self._took(frame)
            self._outlet.write(frame)
        if self._outlet.is_clear and not self._waiting and not self._closed:
            self.write_shared = self._outlet.write_wire
        if self._moved is not None:
            self._moved.set()

    def close(self) -> None:
        """Forget what waits; nothing is taken any more."""
        self._closed = True
        self.write_shared = None
        self._waiting = []
        self.waiting_bytes = 0
        self._outlet.detach()
        self._on_full = _nobody_minds  # else the socket and its outbox would hold each other for the collector
        if self._moved is not None:
            self._moved.set()

    def _took(self, frame: Frame) -> None:
        self._waiting = self._waiting[len(frame.items) :]
        self.waiting_bytes -= sum([item.size + 1 for item in frame.items])

    def _make_room(self) -> None:
        """Let the droppable go first; the rest is what the socket may not miss."""
        needed = [item for item in self._waiting if not item.droppable]
        metrics.REALTIME_OUTBOX_DROPS.add(len(self._waiting) - len(needed), "passing")
        self._waiting = needed
        self.waiting_bytes = sum(item.size + 1 for item in self._waiting)
        if self.waiting_bytes > OUTBOX_LIMIT_BYTES:
            self._on_full()

    def _outlet_changed(self) -> None:
        if self._outlet.is_clear:
            self._due()
        else:
            self.write_shared = None

    def _due(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._flusher.add_socket(self)

    async def _moves(self) -> None:
        if self._moved is None:
            self._moved = asyncio.Event()
        self._moved.clear()
        await self._moved.wait()
