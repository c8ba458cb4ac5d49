"""One hub per process: who is here, in which rooms; each event goes once through it to every socket it concerns."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextvars import Context
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError

from abdre import metrics
from abdre.events import chat_group, user_group
from realtime_svc.errors import HubAway
from realtime_svc.hub.flusher import Flusher
from realtime_svc.hub.line import Layer, Line
from realtime_svc.hub.membership import READS, Membership
from realtime_svc.hub.person import Person
from realtime_svc.hub.presence import Presence
from realtime_svc.hub.questions import Questions
from realtime_svc.hub.room import News, Room
from realtime_svc.hub.signals import Signals
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.codes import Close
from realtime_svc.protocol.items import Item
from realtime_svc.selectors import Admission

log = logging.getLogger(__name__)


class Hub:
    def __init__(self, layer: Layer) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.line = Line(layer, on_message=self._on_message)
        self.presence = Presence()
        self.ask = Questions(self.spawn, self.rooms)
        self.signals = Signals(self.spawn)
        self.flusher = Flusher()
        self.membership = Membership(self.rooms, prepare=self._prepare, ask=self.ask, spawn=self.spawn)
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside the rest, until the hub closes."""
        # In a context of its own: it must not log under the request id of whichever socket happened to start it.
        task = asyncio.create_task(self._guarded(work), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (DatabaseError, HubAway):
            log.warning("hub: the database is away, the next look tries again", exc_info=True)
        except Exception:  # the outermost loop: one broken task must not be silent
            log.exception("hub: a task failed")

    async def close(self) -> None:
        for socket in [socket for person in self.people.values() for socket in person.sockets]:
            socket.lost(Close.GOING_AWAY)
        for room in self.rooms.values():
            room.stop()
        self.flusher.close()
        while self._tasks:
            for task in self._tasks:
                task.cancel()  # again and again: a call that finishes at that very moment swallows it
            await asyncio.wait(self._tasks, timeout=0.1)
        await self.line.close()

    # Sockets come and go.

    async def open(self, socket: Socket) -> None:
        """Admit the socket and say hello. Raises SessionEnded, ShutOut, UserNotFound, HubAway."""
        metrics.REALTIME_CONNECTIONS.add(1)
        person = self._person(socket.person_id)
        person.sockets.add(socket)
        # Subscribed first, read afterwards: whatever the read does not see yet will be heard.
        await self.line.subscribe(user_group(person.id))
        admission = await self._admission(person, socket)
        await self._prepare(admission.heads)
        told = self._seat(person, socket, admission.heads)
        if socket.is_closed:  # the session ended, or the person was banned, while the socket came in
            return
        if not admission.user.get("is_bot"):  # a program is neither there nor away
            self.presence.came(person)
        socket.outbox.open(items.hello(user=admission.user, chats=told, session=socket.session_id))
        for chat in person.chats.keys() - told.keys():  # entered while the socket came in
            self.membership.tell_entry(person, chat)

    async def _admission(self, person: Person, socket: Socket) -> Admission:
        for _ in range(READS):
            seen = person.changes
            try:
                admission = await self.ask.admission(person.id, socket.session_id)
            except DatabaseError as problem:
                raise HubAway from problem
            if person.changes == seen:
                break
        else:
            person.is_doubtful = True
        self.membership.settle(person, admission.heads)
        return admission

    def _seat(self, person: Person, socket: Socket, heads: Mapping[str, int]) -> dict[str, int]:
        """Give the socket its place in every room; answers the versions from which it hears."""
        told = {}
        for chat in heads.keys() & person.chats.keys():
            if (room := self.rooms.get(chat)) is None:
                raise HubAway
            if socket.is_closed:
                break
            room.seat(socket)
            told[chat] = max(heads[chat], room.cursor)
            if heads[chat] > room.cursor:
                socket.is_whole_to(chat, heads[chat])
        return told

    def forget(self, socket: Socket) -> None:
        """The socket closes or is gone: nothing reaches it from here on."""
        metrics.REALTIME_CONNECTIONS.add(-1)
        person = self.people.get(socket.person_id)
        if person is None:
            return
        person.sockets.discard(socket)
        now = asyncio.get_running_loop().time()
        for chat in person.chats:
            if (room := self.rooms.get(chat)) is not None:
                room.sockets.discard(socket)
                room.idle_since = now
        if not person.sockets:
            person.idle_since = now
            self.presence.left(person)

    def _person(self, person_id: str) -> Person:
        if person_id not in self.people:
            self.people[person_id] = Person(person_id)
        return self.people[person_id]

    # Rooms.

    async def _prepare(self, wanted: Iterable[str]) -> None:
        """Have these rooms subscribed and their cursors read. Raises HubAway."""
        wanted = list(wanted)
        new = [self._new_room(chat) for chat in wanted if chat not in self.rooms]
        if new:
            await self._begin(new)
        for chat in wanted:
            room = self.rooms.get(chat)
            if room is None:
                raise HubAway
            await room.ready.wait()
            if room.cursor < 0:
                raise HubAway

    def _new_room(self, chat: str) -> Room:
        room = Room(
            chat,
            flusher=self.flusher,
            lag_s=lambda: self.line.lag_s,
            changes_since=self.ask.changes,
            before_telling=self._before_telling,
        )
        self.rooms[chat] = room
        return room

    async def _begin(self, new: list[Room]) -> None:
        try:
            await self.line.subscribe(*(chat_group(room.chat) for room in new))
            # Read after the subscription: what is committed later is heard.
            heads = await self.ask.heads([room.chat for room in new])
        except BaseException as problem:
            for room in new:
                self.rooms.pop(room.chat, None)
                room.ready.set()  # whoever waits sees that it has no cursor
            if isinstance(problem, DatabaseError):
                raise HubAway from problem
            raise
        for room in new:
            room.start(heads.get(UUID(room.chat), 0))

    # What the layer brings.

    def _on_message(self, message: dict[str, Any]) -> None:
        try:
            kind, _, subject = message["group"].partition(".")
            deliver = self._to_room if kind == "chat" else self._to_person
            at = message.get("at", 0.0)
            for event in zip(message["types"], message["versions"], message["items"], strict=True):
                deliver(subject, *event, at)
        except Exception:  # the outermost loop: a message we cannot read must not end the hearing of all others
            log.exception("hub: message not understood")

    def _to_room(self, chat: str, kind: str, version: int, data: bytes, at: float) -> None:
        room = self.rooms.get(chat)
        if room is not None:
            author = json.loads(data)["user"] if kind == "typing.started" else ""
            room.take(News(kind, version, Item.encoded(kind, data), author, at))

    def _to_person(self, person_id: str, kind: str, version: int, data: bytes, at: float) -> None:
        person = self.people.get(person_id)
        if person is None:
            return
        deed = self._deeds.get(kind)
        if deed is None:
            person.hear(Item.encoded(kind, data))
        else:
            deed(self, person, json.loads(data))

    def _on_chat_created(self, person: Person, event: Mapping[str, Any]) -> None:
        self.membership.let_in(person, event)

    def _on_chat_removed(self, person: Person, event: Mapping[str, Any]) -> None:
        self.membership.put_out(person, event["chat"], event["reason"])
        # Somebody else may have let the person in again, and told us in the other order.
        person.is_doubtful = True

    def _on_session_ended(self, person: Person, event: Mapping[str, Any]) -> None:
        self.close_sockets(person, Close.SESSION_ENDED, session_id=event["session"])

    def _on_user_banned(self, person: Person, event: Mapping[str, Any]) -> None:
        self.close_sockets(person, Close.BANNED)

    def _on_presence_asked(self, person: Person, event: Mapping[str, Any]) -> None:
        if person.sockets:
            self.presence.stays(person)

    _deeds: Mapping[str, Callable[["Hub", Person, Mapping[str, Any]], None]] = {
        "chat.created": _on_chat_created,
        "chat.removed": _on_chat_removed,
        "session.ended": _on_session_ended,
        "user.banned": _on_user_banned,
        "presence.asked": _on_presence_asked,
    }

    def _before_telling(self, room: Room, news: News) -> None:
        """Membership rules who hears the rest: who goes out with this version does not hear even this."""
        if news.kind != "membership.changed":
            return
        membership = json.loads(news.item.data)["membership"]
        person = self.people.get(membership["user"]["id"])
        if person is None:
            return
        is_in = membership["state"] == "active"
        if not is_in and person.chats.get(room.chat, news.version) < news.version:
            self.membership.unseat(person, room.chat)
        # `chat.created` or `chat.removed` is on its way on the person's own group; lost, it is found by the look.
        if is_in != (room.chat in person.chats):
            person.is_doubtful = True

    def close_sockets(self, person: Person, code: Close, *, session_id: str = "") -> None:
        """All of the person's, or those of one session."""
        for socket in tuple(person.sockets):
            if not session_id or socket.session_id == session_id:
                socket.close(code)
