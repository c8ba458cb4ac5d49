"""Publishing to Redis and hearing from it: two connections that come back by themselves, and what was subscribed."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from channels.exceptions import ChannelFull

from abdre.redis_connection import Connection, pack
from abdre.redis_places import Place, place_of
from abdre.redis_topology import RedisTopology

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
# All processes lose Redis at once; they need not come back at once.
JITTER = (0.5, 1.0)


class Listener(Protocol):
    def deliver(self, name: str, data: bytes) -> None: ...

    def note_loss(self) -> None:
        """The subscriptions were interrupted: what was published meanwhile is lost."""


class Side:
    """One of the two connections: opened when needed, and after an end not before a pause that grows."""

    def __init__(
        self,
        place: Place,
        *,
        on_message: Callable[[str, bytes], None] | None = None,
        on_end: Callable[[Connection], None] = lambda connection: None,
        on_rested: Callable[[], None] = lambda: None,
    ) -> None:
        self._place = place
        self._on_message = on_message
        self._on_end = on_end
        self._on_rested = on_rested
        self._connection: Connection | None = None
        self._failures = 0
        self._pause: asyncio.TimerHandle | None = None

    def open(self) -> Connection:
        """Raises ConnectionError while it pauses."""
        if self._pause is not None:
            raise ConnectionError(f"Redis at {self._place} is away")
        if self._connection is None:
            self._connection = Connection(self._place, on_message=self._on_message, on_end=self._ended)
        return self._connection

    async def close(self) -> None:
        """It may be opened again."""
        if self._connection is not None:
            await self._connection.close()
        self._rest_is_over()

    def _ended(self, connection: Connection) -> None:
        self._failures = 0 if connection.has_answered else self._failures + 1
        pause_s = min(FIRST_PAUSE_S * 2**self._failures, LONGEST_PAUSE_S) * random.uniform(*JITTER)  # noqa: S311  # a spread, not a secret
        self._pause = asyncio.get_running_loop().call_later(pause_s, self._rested)
        self._on_end(connection)

    def _rested(self) -> None:
        self._rest_is_over()
        self._on_rested()

    def _rest_is_over(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._pause = self._connection = None


class PubSub:
    """What stands in `_wanted` is subscribed, or will be as soon as Redis is back."""

    def __init__(self, topology: RedisTopology, listener: Listener) -> None:
        self._listener = listener
        self._out = Side(place_of(topology))
        self._in = Side(
            place_of(topology), on_message=listener.deliver, on_end=self._interrupted, on_rested=self._resume
        )
        self._wanted: dict[str, asyncio.Future[None]] = {}  # and whether Redis has confirmed it

    async def publish(self, name: str, data: bytes) -> None:
        await self.publish_all([(name, data)])

    async def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """In one write. Raises OSError, ChannelFull, RedisError."""
        if messages:
            commands = b"".join([pack("PUBLISH", name, data) for name, data in messages])
            await self._out.open().call(commands, replies=len(messages))

    async def subscribe(self, *names: str) -> None:
        """Returns when Redis has confirmed all; raises OSError or RedisError when that will be later, or never."""
        unasked = [name for name in dict.fromkeys(names) if not self._is_asked(name)]
        if unasked:
            self._wanted |= dict.fromkeys(unasked, self._ask(unasked))
        for asked in {self._wanted[name] for name in names}:
            # Shared with others who wait for the same: one who goes must not take it along.
            await asyncio.shield(asked)

    async def unsubscribe(self, *names: str) -> None:
        known = [name for name in names if self._wanted.pop(name, None) is not None]
        if known:
            with suppress(OSError, ChannelFull):  # a lost connection has no subscriptions
                await self._in.open().call(pack("UNSUBSCRIBE", *known), replies=len(known), is_one_command=True)

    async def flush(self) -> None:
        self._wanted.clear()
        await self._out.close()
        await self._in.close()

    def _is_asked(self, name: str) -> bool:
        asked = self._wanted.get(name)
        return asked is not None and not (asked.done() and asked.exception())

    def _ask(self, names: Iterable[str]) -> asyncio.Future[None]:
        names = tuple(names)
        try:
            asked = self._in.open().call(pack("SUBSCRIBE", *names), replies=len(names), is_one_command=True)
        except (OSError, ChannelFull) as problem:
            asked = _failed(problem)
        asked.add_done_callback(asyncio.Future.exception)  # whoever waits hears of it; perhaps nobody does any more
        return asked

    def _interrupted(self, connection: Connection) -> None:
        if connection.has_answered and self._wanted:
            log.warning("channel layer: the subscriptions are interrupted")
            self._listener.note_loss()
        self._wanted = dict.fromkeys(self._wanted, _failed(ConnectionError("the subscriptions are interrupted")))

    def _resume(self) -> None:
        """All in one command: Redis begins to send all of them at the same moment."""
        if self._wanted:
            asked = self._ask(self._wanted)
            asked.add_done_callback(self._resumed)
            self._wanted = dict.fromkeys(self._wanted, asked)

    def _resumed(self, asked: asyncio.Future[None]) -> None:
        problem = asked.exception()
        if problem is None:
            log.warning("channel layer: subscribed again", extra={"channels": len(self._wanted)})
        elif not isinstance(problem, OSError):  # refused; an ended connection comes back here by itself
            log.error("channel layer: Redis refuses the subscriptions", exc_info=problem)
            self._in.open().end("refused")


def _failed(problem: Exception) -> asyncio.Future[None]:
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    failed.set_exception(problem)
    failed.exception()  # seen: it need not be raised by anybody
    return failed
