"""One person with sockets in this process: all their devices hear of the same chats."""

import asyncio

from realtime_svc.hub.pace import Pace
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import SOCKETS_AT_FULL_PACE


class Person:
    """`chats` is what the sockets have been told: chat → the version of the chat when the person was seen in it."""

    def __init__(self, person_id: str) -> None:
        self.id = person_id
        self.sockets: set[Socket] = set()
        self.pace = Pace(sockets=SOCKETS_AT_FULL_PACE)
        self.chats: dict[str, int] = {}
        self.changes = 0  # grows with every change to `chats`; a read that began before it may be stale
        self.heads_told_at = self.idle_since = asyncio.get_running_loop().time()
        self.is_doubtful = False  # something does not fit: look at the database

    def hear(self, item: Item) -> None:
        for socket in tuple(self.sockets):
            socket.outbox.put(item)

    def enter(self, chat: str, version: int) -> None:
        self.chats[chat] = version
        self.changes += 1

    def leave(self, chat: str) -> bool:
        """False if the sockets were never told of the chat."""
        self.changes += 1
        return self.chats.pop(chat, None) is not None
