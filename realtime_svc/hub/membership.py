"""Chats a person comes into and goes out of while sockets are open: each socket is told, and seated or not."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from realtime_svc.hub.person import Person
from realtime_svc.hub.questions import Questions, Spawn
from realtime_svc.hub.recovery import catch_up
from realtime_svc.hub.room import Room
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.items import Item

# How often a read of memberships is repeated because one changed meanwhile; then the next look has it.
READS = 3


class Membership:
    """The database is right: `reconcile` and `settle` bring what sockets have been told in line with it."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        *,
        prepare: Callable[[Iterable[str]], Awaitable[None]],
        ask: Questions,
        spawn: Spawn,
    ) -> None:
        self._rooms = rooms
        self._prepare = prepare
        self._ask = ask
        self._spawn = spawn
        self._under_way: set[tuple[Person | Socket, str]] = set()  # whose entry into which chat is being told

    def let_in(self, person: Person, event: Mapping[str, Any]) -> None:
        """Tell every socket of the chat, and from there on everything in it. `event`: the chat's `chat.created`."""
        chat = event["chat"]
        if chat not in person.chats:
            person.enter(chat, event["version"])
        for socket in person.sockets:
            # One that still comes in hears of the chat by its hello, or right after it.
            if not socket.outbox.is_corked:
                self._spawn_once(person, socket, chat, self._let_socket_in(person, socket, event))

    def _spawn_once(self, person: Person, who: Person | Socket, chat: str, work: Coroutine[Any, Any, None]) -> None:
        """A socket that reads slowly takes long to come in; meanwhile every look finds that it is missing."""
        if (who, chat) in self._under_way:
            work.close()
            return
        self._under_way.add((who, chat))
        self._spawn(self._doubting(person, self._once(who, chat, work)))

    async def _once(self, who: Person | Socket, chat: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._under_way.discard((who, chat))

    async def _let_socket_in(self, person: Person, socket: Socket, event: Mapping[str, Any]) -> None:
        chat = event["chat"]
        async with socket.recovering:
            # Only now: a room in which nobody sat meanwhile may have been swept.
            await self._prepare([chat])
            room = self._rooms[chat]
            if chat in person.chats and socket in person.sockets and socket not in room.sockets:
                room.seat(socket)
                socket.outbox.put(Item.of(event))
                await catch_up(socket, room, event["version"], ask=self._ask)

    def put_out(self, person: Person, chat: str, reason: str) -> None:
        self.unseat(person, chat)
        if person.leave(chat):
            removed = items.chat_removed(chat, reason)
            for socket in tuple(person.sockets):  # one that reads too slowly is closed by this
                if not socket.outbox.is_corked:  # else its hello will not name the chat
                    socket.outbox.put(removed)

    def unseat(self, person: Person, chat: str) -> None:
        room = self._rooms.get(chat)
        if room is not None:
            room.unseat(person.sockets)
        for socket in person.sockets:
            socket.forget(chat)

    async def reconcile(self, person: Person) -> None:
        """Look at the memberships as they are. Raises DatabaseError, and goes on doubting."""
        await self._doubting(person, self._reconciled(person))

    async def _reconciled(self, person: Person) -> None:
        for _ in range(READS):
            person.is_doubtful = False
            seen = person.changes
            heads = await self._ask.chats_of(person.id)
            if person.changes == seen:
                self.settle(person, heads)
                return
        person.is_doubtful = True

    def settle(self, person: Person, heads: Mapping[str, int]) -> None:
        """`heads`: the person's chats and their versions, read after everything that `person.changes` counts."""
        for chat in person.chats.keys() - heads.keys():
            self.put_out(person, chat, "removed")
        for chat in heads.keys() - person.chats.keys():
            person.enter(chat, heads[chat])
        for chat in heads:
            if self._is_missed(person, chat):
                self.tell_entry(person, chat)

    def _is_missed(self, person: Person, chat: str) -> bool:
        """Is there a socket that should hear the chat and does not?"""
        room = self._rooms.get(chat)
        seated = room.sockets if room is not None else ()
        return any(
            socket not in seated and not socket.outbox.is_corked and (socket, chat) not in self._under_way
            for socket in person.sockets
        )

    def tell_entry(self, person: Person, chat: str) -> None:
        """What should have been heard as `chat.created`, by whoever missed it."""
        self._spawn_once(person, person, chat, self._entered(person, chat))

    async def _entered(self, person: Person, chat: str) -> None:
        event = await self._ask.entry(chat, person.id)
        if event is not None and chat in person.chats:
            self.let_in(person, event)

    async def _doubting(self, person: Person, work: Coroutine[Any, Any, None]) -> None:
        """If the work fails, the next look does it again."""
        try:
            await work
        except Exception:  # whatever failed, what sockets were told may be wrong now
            person.is_doubtful = True
            raise
