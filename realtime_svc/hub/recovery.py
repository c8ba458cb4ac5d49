"""Making one socket whole: what it missed is read in one snapshot, and its live events wait meanwhile."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError

from abdre.db import in_thread
from chat_svc import selectors as chats
from realtime_svc.hub.outbox import OutboxClosed
from realtime_svc.hub.person import Person
from realtime_svc.hub.room import MEND_PAGE, Changes, Room
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.items import Item


async def changes_since(chat: str, version: int) -> Changes:
    changes = await in_thread(chats.room_changes, chat_id=UUID(chat), since=version, limit=MEND_PAGE)
    return changes.items, changes.version


async def catch_up(socket: Socket, room: Room, since: int) -> None:
    """Tell one socket, which has just sat down in the room, what was told there since `since`."""
    hears_after = room.cursor
    if hears_after <= since:
        return
    with socket.holding([room.chat]):
        try:
            changes, head = await changes_since(room.chat, since)
        except DatabaseError:
            changes, head = [], 0
        if socket not in room.sockets:
            return
        if head < hears_after:  # too much for one page, or not to be had: the reader loads the chat anew
            head = room.cursor
            changes = []
            socket.outbox.put(items.reset(room.chat, head))
        for event in changes:
            socket.outbox.put(Item.of(event))
        socket.release(room.chat, head)


async def resume(
    socket: Socket, person: Person, ref: str, cursors: Mapping[UUID, int], *, on_doubt: Callable[[], Any]
) -> None:
    """Write what changed since the client's cursors, then the ack with the new ones, then what came meanwhile."""
    async with socket.recovering:
        with socket.holding([str(chat) for chat in cursors]):
            found = await in_thread(chats.resume, user_id=UUID(person.id), cursors=cursors)
            heads = {str(chat): head for chat, head in found.heads.items()}
            if person.chats.keys() & {str(chat) for chat in cursors} - heads.keys():
                await on_doubt()  # put out a moment ago, and the event is still on its way
            resets = {str(chat) for chat in found.resets}
            try:
                await socket.outbox.put_all(_still_his(person, found.items))
            except OutboxClosed:
                return
            whole = {chat: head for chat, head in heads.items() if chat in person.chats and chat not in resets}
            for chat in resets & person.chats.keys():
                socket.outbox.put(items.reset(chat, heads[chat]))
            socket.outbox.put(items.ack(ref, chats=whole))
            for chat, head in heads.items():
                socket.release(chat, head)


def _still_his(person: Person, events: list[dict[str, Any]]) -> Iterator[Item]:
    """Looked at one by one while they are written: who is put out meanwhile gets no more of the chat."""
    for event in events:
        if event["type"] == "chat.removed" or event["chat"] in person.chats:
            yield Item.of(event)
