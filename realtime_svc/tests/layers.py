"""The channel layer as it is on bad days, around whichever layer the run has."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
EVENTS = "hub.events"


class Lossy:
    """Loses, doubles and delays what is published to chats; the same each time for the same seed."""

    def __init__(self, layer: Any, *, seed: int = 0) -> None:
        self._layer = layer
        self._random = random.Random(seed)
        self._late: set[asyncio.Task[None]] = set()
        self.loses = self.doubles = self.delays = 0.0
        self.drops: Callable[[str, Message], bool] = lambda group, message: False
        self.is_cut = False  # nothing comes through, and nobody is told

    async def group_send(self, group: str, message: Message) -> None:
        if self.is_cut or self.drops(group, message):
            return
        if group.startswith("chat.") and message["type"] == EVENTS:
            if self._random.random() < self.loses:
                return
            if self._random.random() < self.doubles:
                await self._layer.group_send(group, message)
            if self._random.random() < self.delays:
                self._send_late(group, message)
                return
        await self._layer.group_send(group, message)

    def _send_late(self, group: str, message: Message) -> None:
        async def late() -> None:
            await asyncio.sleep(self._random.uniform(0, 0.1))
            await self._layer.group_send(group, message)

        task = asyncio.create_task(late())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def settle(self) -> None:
        if self._late:
            await asyncio.wait(self._late)

    async def new_channel(self) -> str:
        if self.is_cut:
            raise ConnectionError
        return str(await self._layer.new_channel())

    async def receive(self, channel: str) -> Message:
        message: Message = await self._layer.receive(channel)
        return message

    async def group_add(self, group: str, channel: str) -> None:
        if self.is_cut:
            raise ConnectionError
        await self._layer.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._layer.group_discard(group, channel)
