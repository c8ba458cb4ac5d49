"""One chat in this process: its events in `version` order to every local socket, holes mended from the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import Error as DatabaseError

from abdre import metrics
from chat_svc.selectors import in_one_era
from realtime_svc.hub.flusher import Flusher
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.frames import framed
from realtime_svc.protocol.items import Item

log = logging.getLogger(__name__)

# A hole is usually an event that two publishers handed over in the other order: it fills itself within moments, or
# within twice the time that news takes under load.
HOLD_S = 0.05
LONGEST_HOLD_S = 1.0
MEND_PAGE = 500
MEND_LIMIT = 10 * MEND_PAGE
# What is held beyond this is dropped: mending reads it from the database anyway.
LATE_LIMIT = 1_000


class News(NamedTuple):
    """One event on its way to the sockets."""

    kind: str
    version: int  # 0: not part of the chat's history
    item: Item
    author: str = ""  # a person who need not be told
    at: float = 0.0  # when it was handed over after its commit, in seconds since 1970; 0: nobody measures, or not known


Changes = tuple[Sequence[Mapping[str, Any]], int]


class Room:
    """`cursor` is the version up to which every local socket has been told. It is -1 until the hub has read it."""

    def __init__(
        self,
        chat: str,
        *,
        flusher: Flusher,
        lag_s: Callable[[], float],
        changes_since: Callable[[str, int], Awaitable[Changes]],
        before_telling: Callable[["Room", News], None],
    ) -> None:
        self.chat = chat
        self.sockets: set[Socket] = set()
        self.cursor = -1
        self.moved_at = 0.0  # the loop's clock, when the cursor last moved
        self.made_at = self.idle_since = asyncio.get_running_loop().time()
        self.ready = asyncio.Event()
        self._flusher = flusher
        self._lag_s = lag_s
        self._told: list[News] = []  # to everybody, and not written yet
        self._changes_since = changes_since
        self._before_telling = before_telling
        self._late: dict[int, News] = {}
        self._known_head = 0
        self._mending: asyncio.Task[None] | None = None

    def start(self, head: int) -> None:
        """The subscription stands and the head was read after it: what comes now and is newer goes out."""
        self.cursor = head
        self.made_at = self.idle_since = asyncio.get_running_loop().time()
        self.ready.set()
        self._tell_late()

    def take(self, news: News) -> None:
        if not news.version:
            self._tell(news)
        elif self.cursor < 0 or news.version > self.cursor + 1:
            self._hold(news)
        elif news.version == self.cursor + 1:
            self._move(news.version)
            self._tell(news)
            if self._late:
                self._tell_late()

    def expect(self, head: int) -> None:
        """The database is at `head`: what has not arrived in a moment is fetched."""
        self._known_head = max(self._known_head, head)
        if self._is_behind():
            self._mend_soon()

    def is_idle_since(self, moment: float) -> bool:
        return self.ready.is_set() and not self.sockets and self.idle_since < moment

    def stop(self) -> None:
        if self._mending is not None:
            self._mending.cancel()

    def _hold(self, news: News) -> None:
        if len(self._late) < LATE_LIMIT:
            self._late[news.version] = news
        self._known_head = max(self._known_head, news.version)
        if self.cursor >= 0:
            self._mend_soon()

    def _tell_late(self) -> None:
        while (news := self._late.pop(self.cursor + 1, None)) is not None:
            self._move(news.version)
            self._tell(news)
        if self._is_behind():
            self._mend_soon()

    def _tell(self, news: News) -> None:
        self._before_telling(self, news)
        if news.author:
            self._tell_others(news)
            return
        if not self._told:
            self._flusher.add_room(self)
        self._told.append(news)

    def _tell_others(self, news: News) -> None:
        self.flush()
        for socket in tuple(self.sockets):
            if news.author != socket.person_id:
                socket.hear(self.chat, news.version, news.item)

    def seat(self, socket: Socket) -> None:
        """The socket hears what is told from now on."""
        self.flush()
        self.sockets.add(socket)

    def unseat(self, sockets: set[Socket]) -> None:
        """They hear what was told until now, and nothing more."""
        self.flush()
        self.sockets -= sockets
        self.idle_since = asyncio.get_running_loop().time()

    def release(self, socket: Socket, head: int) -> None:
        """Let go what was held back from the socket, which has just been told everything up to `head`."""
        self.flush()  # what is not written yet was held back as well
        socket.release(self.chat, head)
        if head > self.cursor:
            socket.is_whole_to(self.chat, head)

    def flush(self) -> None:
        """Write what was told."""
        told, self._told = self._told, []
        if not told or not self.sockets:
            return
        # A set that grows or shrinks meanwhile (a slow reader is closed) must not disturb the others.
        sockets = tuple(self.sockets)
        position = 0
        for frame in framed([news.item for news in told]):
            apart = []
            wire = frame.wire
            for socket in sockets:  # a thousand of them perhaps: nothing is called here but the write
                if socket.is_plain and (write := socket.outbox.write_shared) is not None:
                    write(wire)
                else:
                    apart.append(socket)
            for socket in apart:
                for news in told[position : position + len(frame.items)]:
                    socket.hear(self.chat, news.version, news.item)
            position += len(frame.items)
        if metrics.is_on():
            _measure(told[0], len(sockets))

    def _move(self, version: int) -> None:
        self.cursor = version
        self.moved_at = asyncio.get_running_loop().time()

    def _is_behind(self) -> bool:
        return 0 <= self.cursor < self._known_head

    def _mend_soon(self) -> None:
        if self._mending is None:
            self._mending = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        told = 0
        try:
            while told < MEND_LIMIT:
                await asyncio.sleep(max(HOLD_S, min(2 * self._lag_s(), LONGEST_HOLD_S)))
                if not self._is_behind():
                    return
                if not in_one_era(self.cursor, self._known_head):
                    break
                changes, head = await self._changes_since(self.chat, self.cursor)
                if head <= self.cursor:  # arrived meanwhile, or not to be had yet
                    return
                self._tell_changes(changes, head)
                metrics.REALTIME_REPAIRS.add()
                told += len(changes)
            if self._is_behind():
                self._give_up_mending()
        except DatabaseError:
            log.warning("room not mended, the next look tries again", extra={"chat": self.chat}, exc_info=True)
        finally:
            self._mending = None

    def _tell_changes(self, changes: Sequence[Mapping[str, Any]], head: int) -> None:
        """Rows read in one snapshot whose chat was at `head`. A missing version was changed again since: no gap."""
        for event in changes:
            if event["version"] > self.cursor:
                self._move(event["version"])
                self._tell(News(event["type"], event["version"], Item.of(event)))
        if head > self.cursor:
            self._move(head)
        self._late = {version: news for version, news in self._late.items() if version > self.cursor}
        self._tell_late()

    def _give_up_mending(self) -> None:
        """Too far behind to tell one by one: every reader loads the chat anew."""
        log.warning("room reset: too far behind", extra={"chat": self.chat})
        self._move(self._known_head)
        self._late.clear()
        self._tell(News("reset", self.cursor, items.reset(self.chat, self.cursor)))


def _measure(oldest: News, sockets: int) -> None:
    metrics.REALTIME_FANOUT.observe(sockets)
    if oldest.at and oldest.version:
        metrics.REALTIME_DELIVERY_SECONDS.observe(max(time.time() - oldest.at, 0.0))
