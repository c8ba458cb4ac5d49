"""The channel layer of several processes: channels-redis' pub/sub layer, with a lean client where messages pass."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from channels_redis.utils import _wrap_close

from abdre.redis_pubsub import PubSub
from abdre.redis_topology import RedisTopology

log = logging.getLogger(__name__)

Message = dict[str, Any]
# What came for one channel and was not taken yet. Beyond it the newest is dropped: versions heal what is lost.
INBOX_LIMIT_BYTES = 64 * 1024 * 1024
# What Python adds to each message in a queue.
OVERHEAD_BYTES = 100


class LeanPubSubLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels-redis brings no types
    """Speaks with processes that have the stock layer; for who asks, it takes and gives many at once."""

    def __init__(self, hosts: Sequence[str], *, prefix: str = "asgi", **options: Any) -> None:
        (url,) = hosts  # shards are for who has several
        topology = RedisTopology.parse(url)
        for address in (*topology.nodes, topology.master):
            _ = address.tls  # made now, so that a fault in the authority's file stops the start
        super().__init__(topology, prefix=prefix, **options)

    def _get_layer(self) -> "LoopLayer":
        loop = asyncio.get_running_loop()
        layer: LoopLayer | None = self._layers.get(loop)
        if layer is None:
            layer = self._layers[loop] = LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return layer

    async def receive_all(self, channel: str) -> list[Message]:
        """All that waits, at least one. Raises ConnectionError once after messages may have been lost."""
        return await self._get_layer().receive_all(channel)

    async def group_send_many(self, messages: Iterable[tuple[str, Message]]) -> None:
        """In this order, with one write."""
        await self._get_layer().group_send_many(messages)

    async def group_add_many(self, groups: Iterable[str], channel: str) -> None:
        await self._get_layer().group_add_many(groups, channel)

    async def group_discard_many(self, groups: Iterable[str], channel: str) -> None:
        await self._get_layer().group_discard_many(groups, channel)


class LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]  # as above
    """The layer on one event loop: which channels are here, in which groups, and what came for them."""

    channels: dict[str, "Inbox"]
    groups: dict[str, set[str]]

    def __init__(self, topology: RedisTopology, *, prefix: str, channel_layer: LeanPubSubLayer) -> None:
        super().__init__(prefix=prefix, channel_layer=channel_layer)
        self._redis = PubSub(topology, self)
        self._shards = [self._redis]

    async def receive(self, channel: str) -> Message:
        inbox = await self._filled(channel)
        return self._read(inbox.take())

    async def receive_all(self, channel: str) -> list[Message]:
        messages: list[Message] = []
        while not messages:
            inbox = await self._filled(channel, or_lost=True)
            messages = [message for data in inbox.take_all() if (message := self._read_or_drop(data)) is not None]
        return messages

    async def group_send_many(self, messages: Iterable[tuple[str, Message]]) -> None:
        serialize = self.channel_layer.serialize
        await self._redis.publish_all(
            [(self._get_group_channel_name(group), serialize(message)) for group, message in messages]
        )

    async def group_add_many(self, groups: Iterable[str], channel: str) -> None:
        if channel not in self.channels:
            raise RuntimeError(f"{channel} is no channel of this process")
        names = [self._get_group_channel_name(group) for group in groups]
        for name in names:
            self.groups.setdefault(name, set()).add(channel)
        await self._redis.subscribe(*names)

    async def group_discard_many(self, groups: Iterable[str], channel: str) -> None:
        empty = []
        for name in map(self._get_group_channel_name, groups):
            members = self.groups.get(name, set())
            members.discard(channel)
            if not members and self.groups.pop(name, None) is not None:
                empty.append(name)
        await self._redis.unsubscribe(*empty)

    # What Redis brings.

    def deliver(self, name: str, data: bytes) -> None:
        inbox = self.channels.get(name)
        if inbox is not None:
            inbox.put(data)
            return
        for channel in self.groups.get(name, ()):
            if (inbox := self.channels.get(channel)) is not None:
                inbox.put(data)

    def note_loss(self) -> None:
        for inbox in self.channels.values():
            inbox.note_loss()

    async def _subscribe_to_channel(self, channel: str) -> None:
        self.channels[channel] = Inbox()
        try:
            await self._redis.subscribe(channel)
        except BaseException:
            await self._forget(channel)  # nobody will come for what is sent to it
            raise

    async def _filled(self, channel: str, *, or_lost: bool = False) -> "Inbox":
        if channel not in self.channels:
            await self._subscribe_to_channel(channel)
        inbox = self.channels[channel]
        try:
            await inbox.filled(or_lost=or_lost)
        except asyncio.CancelledError:  # as in the stock layer: whoever stops listening has gone
            await self._forget(channel)
            raise
        return inbox

    async def _forget(self, channel: str) -> None:
        if self.channels.pop(channel, None) is not None:
            await self._redis.unsubscribe(channel)

    def _read(self, data: bytes) -> Message:
        message: Message = self.channel_layer.deserialize(data)
        return message

    def _read_or_drop(self, data: bytes) -> Message | None:
        try:
            return self._read(data)
        except Exception:  # whatever a serializer raises at what is no message: the others must come through
            log.exception("channel layer: message not understood")
            return None


class Inbox:
    """What came for one channel and was not taken yet."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._is_full = self._has_lost = False
        self._came = asyncio.Event()

    def put(self, data: bytes) -> None:
        if self._bytes > INBOX_LIMIT_BYTES:
            self._drop()
            return
        self._bytes += len(data) + OVERHEAD_BYTES
        self._waiting.append(data)
        self._came.set()

    def note_loss(self) -> None:
        self._has_lost = True
        self._came.set()

    async def filled(self, *, or_lost: bool) -> None:
        """Raises ConnectionError, if wanted, once after a loss."""
        while not self._waiting:
            if or_lost and self._has_lost:
                self._has_lost = False
                raise ConnectionError("messages may have been lost")
            self._came.clear()
            await self._came.wait()

    def take(self) -> bytes:
        data = self._waiting.popleft()
        self._bytes -= len(data) + OVERHEAD_BYTES
        self._is_full = False
        return data

    def take_all(self) -> list[bytes]:
        everything = list(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        self._is_full = False
        return everything

    def _drop(self) -> None:
        if not self._is_full:
            log.warning("channel layer: messages come faster than they are taken, some are dropped")
        self._is_full = True
        self._has_lost = True
