"""When what waits is written: at once while the process has time, joined while it has not."""

import asyncio
import logging
from typing import Protocol

log = logging.getLogger(__name__)

# After a flush the process rests from writing for this many times as long as the flush took. What comes meanwhile
# leaves together: one write and one frame instead of many. Idle, a flush takes microseconds, and nobody waits.
REST = 3.0
LONGEST_REST_S = 0.02


class Waiting(Protocol):
    def flush(self) -> None:
        """Write what waits here."""


class Flusher:
    """One per process. Rooms are written first: a socket with nothing waiting is then written what all are."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rooms: list[Waiting] = []
        self._sockets: list[Waiting] = []
        self._planned: asyncio.TimerHandle | asyncio.Handle | None = None
        self._rests_until = 0.0

    def add_room(self, room: Waiting) -> None:
        self._rooms.append(room)
        if self._planned is None:
            self._plan()

    def add_socket(self, socket: Waiting) -> None:
        self._sockets.append(socket)
        if self._planned is None:
            self._plan()

    def _plan(self) -> None:
        if self._loop.time() >= self._rests_until:
            self._planned = self._loop.call_soon(self._flush)
        else:
            self._planned = self._loop.call_at(self._rests_until, self._flush)

    def _flush(self) -> None:
        began = self._loop.time()
        self._planned = None
        rooms, self._rooms = self._rooms, []
        _flush_all(rooms)
        sockets, self._sockets = self._sockets, []  # those that the rooms have just filled among them
        _flush_all(sockets)
        took_s = self._loop.time() - began
        self._rests_until = began + took_s + min(REST * took_s, LONGEST_REST_S)

    def close(self) -> None:
        if self._planned is not None:
            self._planned.cancel()


def _flush_all(waiting: list[Waiting]) -> None:
    for one in waiting:
        try:
            one.flush()
        except Exception:  # the outermost loop: who stands behind a broken one is not asked for again
            log.exception("not written")
