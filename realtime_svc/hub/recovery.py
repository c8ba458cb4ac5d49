"""Making one socket whole: what it missed is read in one snapshot, and its live events wait meanwhile."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from uuid import UUID

from django.db import Error as DatabaseError

from abdre import metrics
from realtime_svc.hub.outbox import OutboxClosed
from realtime_svc.hub.person import Person
from realtime_svc.hub.questions import Questions
from realtime_svc.hub.room import Room
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.items import Item


async def catch_up(socket: Socket, room: Room, since: int, *, ask: Questions) -> None:
    """Tell one socket, which has just sat down in the room, what was told there since `since`."""
    hears_after = room.cursor
    if hears_after <= since:
        # What comes late was said before they came in, and may be hidden from them.
        socket.is_whole_to(room.chat, since)
        return
    with socket.holding([room.chat]):
        try:
            changes, head = await ask.changes(room.chat, since)
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
        room.release(socket, head)


async def resume(
    socket: Socket,
    person: Person,
    ref: str,
    cursors: Mapping[UUID, int],
    *,
    ask: Questions,
    rooms: Mapping[str, Room],
    on_doubt: Callable[[], Awaitable[None]],
) -> None:
    """Write what changed since the client's cursors, then the ack with the new ones, then what came meanwhile."""
    async with socket.recovering:
        with socket.holding([str(chat) for chat in cursors]):
            found = await ask.resume(person.id, cursors)
            if person.chats.keys() & set(found.gone):
                await on_doubt()  # put out a moment ago, and the event is still on its way
            for chat in found.gone:
                socket.outbox.put(items.chat_removed(chat, "removed"))
            try:
                await socket.outbox.put_all(_still_his(person, found.items))
            except OutboxClosed:
                return
            for chat in found.resets & person.chats.keys():
                socket.outbox.put(items.reset(chat, found.heads[chat]))
            whole = found.heads.keys() & (person.chats.keys() - found.resets)
            socket.outbox.put(items.ack(ref, chats={chat: found.heads[chat] for chat in whole}))
            metrics.REALTIME_RESUMES.add()
            # Others are let go untold: who came into them meanwhile hears from there on by `chat.created`.
            for chat in found.heads.keys() & person.chats.keys():
                if (room := rooms.get(chat)) is not None:
                    room.release(socket, found.heads[chat])


def _still_his(person: Person, told: Sequence[tuple[str, Item]]) -> Iterator[Item]:
    """Looked at one by one while they are written: who is put out meanwhile gets no more of the chat."""
    for chat, item in told:
        if chat in person.chats:
            yield item
