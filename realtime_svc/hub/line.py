"""The hub's one line to the channel layer: it subscribes, hears, and notices soon that nothing comes through."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context
from typing import Any, Protocol, runtime_checkable
from uuid import uuid4

from channels.exceptions import ChannelFull
from redis.exceptions import RedisError

from abdre import metrics

log = logging.getLogger(__name__)

LAYER_ERRORS = (OSError, TimeoutError, RedisError, ChannelFull)
# A call beyond this hangs; the look that follows tells whether the layer is away.
CALL_S = 1.0
# Two of them fit into the two seconds within which a removal must act, with the look that follows.
PROBE_EVERY_S = 0.5
PROBE_PATIENCE_S = 1.0
# While other news still comes, the own probe may only be waiting its turn.
BUSY_PATIENCE_S = 5.0
# After a failure to hear.
PAUSE_S = 0.1
# Heard in one go; then sockets have their turn.
BURST = 100


class Layer(Protocol):
    async def new_channel(self) -> str: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...


@runtime_checkable
class ManyAtOnce(Protocol):
    """What our own layer offers beyond that of Channels."""

    async def receive_all(self, channel: str) -> list[dict[str, Any]]: ...
    async def group_add_many(self, groups: Iterable[str], channel: str) -> None: ...
    async def group_discard_many(self, groups: Iterable[str], channel: str) -> None: ...


class Line:
    """Layers lose silently, and the pub/sub one reconnects without a word. So the line writes to itself and listens."""

    def __init__(self, layer: Layer, *, on_message: Callable[[dict[str, Any]], None]) -> None:
        self.is_dead = False
        self._layer = layer
        self._many = layer if isinstance(layer, ManyAtOnce) else None
        self._on_message = on_message
        self._channel = ""
        self._opened = asyncio.Event()
        self._own_group = f"hub.{uuid4().hex}"
        self._groups = {self._own_group}
        self._untold: set[str] = set()  # what the layer does not know yet of these groups: in `_groups`, or not
        # One at a time: a discard must not overtake the add that follows it.
        self._teller: asyncio.Task[None] | None = None
        self._told: asyncio.Future[None]
        self._unanswered_since: float | None = None  # when we wrote to ourselves and heard nothing yet
        self._heard_at = 0.0
        self._lag_s = 0.0
        self._probe: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Open the line and hear until cancelled."""
        if not self._opened.is_set():
            await self._open()
        heard = 0
        while True:
            try:
                messages = await self._receive()
            except LAYER_ERRORS:
                log.warning("channel layer: receiving failed", exc_info=True)
                self._distrust()
                await asyncio.sleep(PAUSE_S)
                continue
            self._heard_at = asyncio.get_running_loop().time()
            for message in messages:
                self._hear(message)
                heard += 1
                if heard % BURST == 0:
                    await asyncio.sleep(0)

    @property
    def lag_s(self) -> float:
        """How long news takes from its publisher to here."""
        if self._unanswered_since is None:
            return self._lag_s
        return max(self._lag_s, asyncio.get_running_loop().time() - self._unanswered_since)

    async def _receive(self) -> list[dict[str, Any]]:
        if self._many is not None:
            return await self._many.receive_all(self._channel)
        return [await self._layer.receive(self._channel)]

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "hub.probe":
            self._unanswered_since = None
            self._lag_s = asyncio.get_running_loop().time() - message["written_at"]
        else:
            self._on_message(message)

    def _distrust(self) -> None:
        """Something was lost: dead until a probe that is written from here on comes back."""
        if self._unanswered_since is None:
            self._unanswered_since = asyncio.get_running_loop().time()
        self._die()

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
        await self._tell(groups)

    async def unsubscribe(self, *groups: str) -> None:
        self._groups.difference_update(groups)
        await self._tell(groups)

    async def _tell(self, groups: Iterable[str]) -> None:
        """Have the layer know of these groups. One call is on its way; the next takes along all that wait meanwhile."""
        self._untold.update(groups)
        if self._teller is None or self._teller.done():
            self._told = asyncio.get_running_loop().create_future()
            self._teller = asyncio.create_task(self._tell_all(), context=Context())
        # Shared by all that wait: one who goes must not take it along.
        await asyncio.shield(self._told)

    async def _tell_all(self) -> None:
        try:
            while self._untold and self._channel and not self.is_dead:  # else `renew` tells what is left
                untold, self._untold = self._untold, set()
                told, self._told = self._told, asyncio.get_running_loop().create_future()
                try:
                    await self._tell_of(untold)
                finally:
                    told.set_result(None)
        finally:
            self._told.set_result(None)

    async def _tell_of(self, groups: set[str]) -> None:
        await self._add([group for group in groups if group in self._groups])
        await self._discard([group for group in groups if group not in self._groups])
        if self.is_dead:
            self._untold |= groups

    async def _add(self, groups: list[str]) -> None:
        await self._change(self._many and self._many.group_add_many, self._layer.group_add, groups)

    async def _discard(self, groups: list[str]) -> None:
        await self._change(self._many and self._many.group_discard_many, self._layer.group_discard, groups)

    async def _change(self, many: Any, one: Any, groups: list[str]) -> None:
        if many and groups:
            await self._call(many, groups, self._channel)
            return
        for group in groups:
            if not self.is_dead:
                await self._call(one, group, self._channel)

    async def renew(self) -> None:
        """Subscribe to everything again: after a time without the layer, and because a memory layer's groups expire."""
        await self.subscribe(*self._groups, self._own_group)

    def probe(self) -> bool:
        """Write to ourselves, and say whether what was written before came back in time."""
        now = asyncio.get_running_loop().time()
        if self._unanswered_since is None:
            self._revive()
            self._unanswered_since = now
        elif self._is_deaf(now, self._unanswered_since):
            self._die()
        if self._opened.is_set() and (self._probe is None or self._probe.done()):
            self._probe = asyncio.create_task(self._write_to_self())
        return not self.is_dead

    def _is_deaf(self, now: float, since: float) -> bool:
        return now - since > BUSY_PATIENCE_S or now - max(since, self._heard_at) > PROBE_PATIENCE_S

    async def close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
        groups, self._groups = self._groups, set()
        await self._tell(groups)

    async def _write_to_self(self) -> None:
        # While dead the own subscription may be what is missing; adding it again costs nothing where it stands.
        if self.is_dead:
            await self._call(self._layer.group_add, self._own_group, self._channel)
        probe = {"type": "hub.probe", "written_at": asyncio.get_running_loop().time()}
        await self._call(self._layer.group_send, self._own_group, probe)

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
        metrics.LAYER_AWAY.set(0)

    def _die(self) -> None:
        if not self.is_dead:
            log.warning("channel layer: away; changes are read from the database meanwhile")
        self.is_dead = True
        metrics.LAYER_AWAY.set(1)
