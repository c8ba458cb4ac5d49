"""One open socket as the hub sees it: whose it is, what waits for it, which chats' news are held back from it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from abdre import metrics
from realtime_svc.hub.flusher import Flusher
from realtime_svc.hub.outbox import Outbox
from realtime_svc.hub.outlet import Outlet
from realtime_svc.protocol.codes import REASONS, Close, counted_as
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import OUTBOX_LIMIT_BYTES

log = logging.getLogger(__name__)

# What is still to be read before the close; who reads so slowly will find it by a resume.
FLUSH_S = 2.0
# A stock server waits for the reader before it sends even the close.
CLOSE_S = 5.0


class Socket:
    """Made at the handshake; the hub writes into it until it is closed, by whichever side."""

    __slots__ = (
        "_closing",
        "_floors",
        "_give_up",
        "_held",
        "_held_bytes",
        "_on_close",
        "_send",
        "is_closed",
        "is_plain",
        "outbox",
        "person_id",
        "recovering",
        "session_id",
    )

    def __init__(
        self,
        *,
        person_id: UUID,
        session_id: UUID,
        send: Callable[[dict[str, Any]], Awaitable[None]],
        outlet: Outlet,
        flusher: Flusher,
        give_up: Callable[[], None],
        on_close: Callable[["Socket"], None],
    ) -> None:
        self.person_id = str(person_id)
        self.session_id = str(session_id)
        self.outbox = Outbox(outlet, flusher, on_full=self._too_slow)
        self.is_closed = False
        self.recovering = asyncio.Lock()  # one resume at a time, ours or the client's
        self._send = send
        self._give_up = give_up
        self._on_close = on_close
        self._held: dict[str, list[tuple[int, Item]]] = {}
        self._held_bytes = 0
        self._floors: dict[str, int] = {}
        self.is_plain = True  # nothing is held back from it: it may hear as all others do
        self._closing: asyncio.Task[None] | None = None

    def hear(self, chat: str, version: int, item: Item) -> None:
        """News of a chat, in version order (0: it has none)."""
        if version and (self._held or self._floors) and self._kept_back(chat, version, item):
            return
        self.outbox.put(item)

    def _kept_back(self, chat: str, version: int, item: Item) -> bool:
        if chat in self._held:
            self._held[chat].append((version, item))
            self._held_bytes += item.size
            if self._held_bytes + self.outbox.waiting_bytes > OUTBOX_LIMIT_BYTES:
                self._too_slow()
            return True
        floor = self._floors.get(chat)
        if floor is None:
            return False
        if version >= floor:
            del self._floors[chat]
            self._weigh()
        return version <= floor

    def is_whole_to(self, chat: str, version: int) -> None:
        """The client has been told everything up to `version` in another way: skip what comes late."""
        if version > self._floors.get(chat, 0):
            self._floors[chat] = version
            self.is_plain = False

    def _weigh(self) -> None:
        self.is_plain = not self._held and not self._floors

    @property
    def is_holding(self) -> bool:
        return bool(self._held)

    @contextmanager
    def holding(self, chats: Iterable[str]) -> Iterator[None]:
        """While rows of these chats are read and written, their live events wait; `release` lets them go."""
        chats = list(chats)
        for chat in chats:
            self._held.setdefault(chat, [])
        self._weigh()
        try:
            yield
        finally:
            for chat in chats:
                self.release(chat, None)

    def release(self, chat: str, head: int | None) -> None:
        """Write what was held and is newer than `head`, up to which the client has just been told all."""
        held = self._held.pop(chat, [])
        self._weigh()
        self._held_bytes -= sum(item.size for _, item in held)
        for version, item in held:
            if head is None or version > head:
                self.outbox.put(item)

    def forget(self, chat: str) -> None:
        """Nothing of this chat may reach the socket any more."""
        for _, item in self._held.get(chat, []):
            self._held_bytes -= item.size
        self._held.pop(chat, None)
        self._floors.pop(chat, None)
        self._weigh()

    def close(self, code: Close) -> None:
        """From now on nothing more is heard; what already waits is written first, unless the reader is the trouble."""
        if self.is_closed:
            return
        self._end(code)
        self._closing = asyncio.create_task(self._close(code))

    def lost(self, code: int) -> None:
        """The other side has hung up, or this process has said goodbye to it."""
        if not self.is_closed:
            self._end(code)
        self.outbox.close()

    def _end(self, code: int) -> None:
        self.is_closed = True
        self._on_close(self)
        metrics.REALTIME_CLOSED.add(1, counted_as(code))

    async def _close(self, code: Close) -> None:
        try:
            if code is not Close.TOO_SLOW:
                async with asyncio.timeout(FLUSH_S):
                    await self.outbox.flushed()
        except TimeoutError:
            pass
        self.outbox.close()
        try:
            message = {"type": "websocket.close", "code": int(code), "reason": REASONS[code]}
            async with asyncio.timeout(CLOSE_S):
                await self._send(message)
        except TimeoutError:
            self._give_up()
        except (OSError, RuntimeError):  # gone already
            pass

    def _too_slow(self) -> None:
        if self.is_closed:  # what still comes is too much once more
            return
        log.info("socket closed: too slow", extra={"person": self.person_id})
        metrics.REALTIME_OUTBOX_DROPS.add(1, "socket")
        self.close(Close.TOO_SLOW)
