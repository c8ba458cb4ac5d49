"""A server that is told to end: everybody is let go in their own time, and nobody's request is lost on the way."""

import asyncio
import itertools
import socket
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings

from abdre import stopping
from abdre.handshakes import AnsweringProtocol
from abdre.http_protocol import BoundedHttpProtocol

# Everybody comes back at once to whoever is left; so sockets are let go a few at a time.
GOODBYES_PER_S = 200
# It serves on until nobody has asked anything for so long, which is when all have found another process,
QUIET_S = 0.5
# or for this long where somebody goes on asking: until then whoever looks at /readyz every few seconds has seen it.
STAY_S = 8.0
# After that, and when the last socket should be gone, what is still under way has so long to come to its end;
REST_S = 10.0
# and so long where somebody is in a hurry.
HURRY_S = 2
LOOK_EVERY_S = 0.05


class Server(uvicorn.Server):
    """uvicorn alone hangs up on all at once, be it in the middle of their next request.

    The listener is the last to close: probes hear why, and whoever has not noticed yet is served. A second signal makes
    everybody leave at once, a third one ends the process.
    """

    hurries = False

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super()._serve(sockets)
        finally:
            stopping.forget()  # whoever ran it may serve anew, as the tests do

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        stopping.begin()
        self._captured_signals.append(sig)
        self.force_exit, self.hurries, self.should_exit = self.hurries, self.should_exit, True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stopping.begin()
        loop = asyncio.get_running_loop()
        within_s = min(len(self._sockets) / GOODBYES_PER_S, settings.DRAIN_S)
        until = loop.time() + max(within_s, STAY_S) + REST_S
        self._farewell(within_s)
        await self._let_go(until)
        for line in self._close_listeners(sockets or []):
            await loop.connect_accepted_socket(self._protocol, line)
        while self._awaits_somebody and not self.hurries:  # noqa: ASYNC110  # their second passes by itself
            await asyncio.sleep(LOOK_EVERY_S)
        self.config.timeout_graceful_shutdown = HURRY_S if self.hurries else max(1, int(until - loop.time()))
        await super().shutdown(sockets)

    async def _let_go(self, until: float) -> None:
        """Until nobody needs this process any more, or has to make do without."""
        loop = asyncio.get_running_loop()
        asked, quiet_at, stays_until = -1, 0.0, loop.time() + STAY_S
        leaves_from = loop.time() + settings.STAY_AT_LEAST_S
        for tick in itertools.count():
            if loop.time() >= until or self.hurries:
                break
            await self.on_tick(tick)  # the date in the answers, and the word to gunicorn that we live
            if asked != (asked := self.server_state.total_requests):
                quiet_at = min(loop.time() + QUIET_S, stays_until)
            is_quiet = loop.time() > quiet_at or not self.server_state.connections
            if is_quiet and not self._is_at_work and loop.time() >= leaves_from:
                return
            if loop.time() > stays_until and not self._has_sockets:
                return  # there is always something under way; what is now, is still finished
            await asyncio.sleep(LOOK_EVERY_S)
        self._farewell(0)

    def _farewell(self, within_s: float) -> None:
        for line in self._sockets:
            line.leave(within_s)

    @property
    def _sockets(self) -> Sequence[AnsweringProtocol]:
        return [line for line in self.server_state.connections if isinstance(line, AnsweringProtocol)]

    @property
    def _has_sockets(self) -> bool:
        return any(isinstance(line, AnsweringProtocol) for line in self.server_state.connections)

    @property
    def _is_at_work(self) -> bool:
        return bool(self.server_state.tasks) or self._has_sockets or self._awaits_somebody

    @property
    def _awaits_somebody(self) -> bool:
        return any(isinstance(line, BoundedHttpProtocol) and line.is_new for line in self.server_state.connections)

    def _close_listeners(self, listeners: Sequence[socket.socket]) -> list[socket.socket]:
        """The lines that the kernel had taken for us, and we had not: to close over them would reset them.

        Whoever comes from now on is refused, and knows that nothing of theirs was read.
        """
        late = [line for listener in listeners for line in _waiting(listener, most=self.config.backlog)]
        for server in self.servers:
            server.close()
        self.servers = []
        return late

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made


def _waiting(listener: socket.socket, *, most: int) -> list[socket.socket]:
    lines: list[socket.socket] = []
    # Mostly BlockingIOError: that was the last. Else nobody can be let in any more (no file numbers are left, the
    # network is away), and those who are in must not pay for it.
    with suppress(OSError):
        while len(lines) < most:
            lines.append(listener.accept()[0])
    for line in lines:
        line.setblocking(False)
    return lines
