"""The hub's one line to the channel layer: it subscribes, hears, and notices soon that nothing comes through."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import uuid4

from channels.exceptions import ChannelFull
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

LAYER_ERRORS = (OSError, TimeoutError, RedisError, ChannelFull)
# A call beyond this hangs; the look that follows tells whether the layer is away.
CALL_S = 1.0
# Two of them fit into the two seconds within which a removal must act, with the look that follows.
PROBE_EVERY_S = 0.5
PROBE_PATIENCE_S = 1.0


class Layer(Protocol):
    async def new_channel(self) -> str: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...


class Line:
    """Layers lose silently, and the pub/sub one reconnects without a word. So the line writes to itself and listens."""

    def __init__(self, layer: Layer, *, on_message: Callable[[dict[str, Any]], None]) -> None:
        self.is_dead = False
        self._layer = layer
        self._on_message = on_message
        self._channel = ""
        self._opened = asyncio.Event()
        self._groups: set[str] = set()
        self._own_group = f"hub.{uuid4().hex}"
        self._order = asyncio.Lock()  # a discard must not overtake the add that follows it
        self._unanswered_since: float | None = None  # when we wrote to ourselves and heard nothing yet
        self._probe: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Open the line and hear until cancelled."""
        if not self._opened.is_set():
            await self._open()
        while True:
            try:
                message = await self._layer.receive(self._channel)
            except LAYER_ERRORS:
                log.warning("channel layer: receiving failed", exc_info=True)
                await asyncio.sleep(PROBE_PATIENCE_S)
                continue
            if message["type"] == "hub.probe":
                self._unanswered_since = None
            else:
                self._on_message(message)

    async def _open(self) -> None:
        while not self._channel:
            try:
                self._channel = await self._layer.new_channel()
            except LAYER_ERRORS:
                self._die()
                await asyncio.sleep(PROBE_PATIENCE_S)
        await self._call(self._layer.group_add, self._own_group, self._channel)
        self._opened.set()

    async def subscribe(self, *groups: str) -> None:
        """Hear these groups from now on; while the line is dead, from when it is back."""
        self._groups.update(groups)
        if not self._opened.is_set() and not self.is_dead:
            await self._call(self._opened.wait)
        for group in groups:
            async with self._order:
                if not self.is_dead and group in self._groups:
                    await self._call(self._layer.group_add, group, self._channel)

    async def unsubscribe(self, *groups: str) -> None:
        self._groups.difference_update(groups)
        for group in groups:
            async with self._order:
                if not self.is_dead and group not in self._groups and self._channel:
                    await self._call(self._layer.group_discard, group, self._channel)

    async def renew(self) -> None:
        """Subscribe to everything again: after a time without the layer, and because a memory layer's groups expire."""
        await self.subscribe(*self._groups, self._own_group)

    def probe(self) -> bool:
        """Write to ourselves, and say whether what was written before came back in time."""
        now = asyncio.get_running_loop().time()
        if self._unanswered_since is None:
            self._revive()
            self._unanswered_since = now
        elif now - self._unanswered_since > PROBE_PATIENCE_S:
            self._die()
        if self._opened.is_set() and (self._probe is None or self._probe.done()):
            self._probe = asyncio.create_task(self._write_to_self())
        return not self.is_dead

    async def close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
        for group in (*self._groups, self._own_group):
            if self._channel and not self.is_dead:
                await self._call(self._layer.group_discard, group, self._channel)

    async def _write_to_self(self) -> None:
        # While dead the own subscription may be what is missing; adding it again costs nothing where it stands.
        if self.is_dead:
            await self._call(self._layer.group_add, self._own_group, self._channel)
        await self._call(self._layer.group_send, self._own_group, {"type": "hub.probe"})

    async def _call(self, function: Callable[..., Awaitable[Any]], *args: Any) -> None:
        try:
            async with asyncio.timeout(CALL_S):
                await function(*args)
        except LAYER_ERRORS:
            self._die()

    def _revive(self) -> None:
        if self.is_dead:
            log.warning("channel layer: back")
        self.is_dead = False

    def _die(self) -> None:
        if not self.is_dead:
            log.warning("channel layer: away; changes are read from the database meanwhile")
        self.is_dead = True
