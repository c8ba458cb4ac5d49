"""What the hub does by the clock: looks at the database for what no event told, tells heads, keeps presence."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar
from uuid import UUID

from django.db import Error as DatabaseError

from abdre.db import in_thread
from abdre.events import chat_group, user_group
from chat_svc import selectors as chats
from realtime_svc import selectors
from realtime_svc.hub.hub import Hub
from realtime_svc.hub.line import PROBE_EVERY_S
from realtime_svc.hub.person import Person
from realtime_svc.hub.presence import BEAT_EVERY_S
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.codes import Close
from realtime_svc.protocol.limits import HEARTBEAT_S

log = logging.getLogger(__name__)

# With the layer well too: a process killed between commit and publish has told nobody. A look at a thousand rooms that
# stand still costs the database 0.7 ms and us one; one at a thousand people and their sessions, 1 ms and twenty. So who
# was removed, banned or signed out stays about two seconds, as long as they may where the event came.
LOOK_EVERY_S = 1.0
EXPELLED_EVERY_S = 2.0
# Somebody taken into a chat, and nobody told: the memberships of all people are many rows.
PEOPLE_EVERY_S = 30.0
# Longer than a reload takes, so that it finds everything still standing.
IDLE_S = 5.0
# Memory layers forget groups after a day.
RENEW_EVERY_S = 3600.0
# A look that takes long is followed by a pause this many times as long: it must not be what fells the database.
GENTLENESS = 4
LONGEST_PAUSE_S = 10.0
IDS_PER_QUERY = 1_000


Thing = TypeVar("Thing")


def _parts(things: list[Thing]) -> Iterator[list[Thing]]:
    """As many as one statement asks for."""
    return (things[start : start + IDS_PER_QUERY] for start in range(0, len(things), IDS_PER_QUERY))


class Watch:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._expelled_at = self._people_at = asyncio.get_running_loop().time()

    def start(self) -> None:
        for work, every_s in (
            (self._probe, PROBE_EVERY_S),
            (self._look, LOOK_EVERY_S),
            (self._tell_heads, 1.0),
            (self._hub.presence.tick, 1.0),
            (self._hub.presence.beat, BEAT_EVERY_S),
            (self._hub.line.renew, RENEW_EVERY_S),
        ):
            self._hub.spawn(self._forever(work, every_s))
        self._hub.spawn(self._forever(self._hub.line.run, 0))

    async def _forever(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await work()
            except DatabaseError as problem:
                log.warning("hub: the database is away", extra={"problem": str(problem)})
            except Exception:  # the outermost loop: what goes by the clock goes on
                log.exception("hub: %s failed", work.__qualname__)
            took_s = clock() - began
            await asyncio.sleep(max(every_s, min(GENTLENESS * took_s, LONGEST_PAUSE_S)))

    async def _probe(self) -> None:
        was_dead = self._hub.line.is_dead
        is_well = self._hub.line.probe()
        if was_dead == is_well:  # it has just died, or just come back
            self._hub.spawn(self._look_after_change(renew=is_well))

    async def _look_after_change(self, *, renew: bool) -> None:
        if renew:
            await self._hub.line.renew()
        await self.look_at_everything()

    async def look_at_everything(self) -> None:
        await self._look_at_people(list(self._hub.people.values()))
        await self._look_at_rooms(list(self._hub.rooms))

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        hub = self._hub
        people = [person for person in hub.people.values() if person.sockets]
        if hub.line.is_dead or now - self._expelled_at >= EXPELLED_EVERY_S:
            self._expelled_at = now
            await self._expel(people)
        await self._reconcile([person for person in people if person.is_doubtful and person.sockets])
        if hub.line.is_dead or now - self._people_at >= PEOPLE_EVERY_S:
            self._people_at = now
            await self._look_at_memberships(people)
        await self._look_at_rooms(list(hub.rooms))
        await self.sweep(before=now - IDLE_S)

    async def _look_at_rooms(self, wanted: list[str]) -> None:
        rooms = self._hub.rooms
        for asked in _parts(wanted):
            known = {chat: room.cursor for chat in asked if (room := rooms.get(chat)) and room.cursor >= 0}
            for chat, head in (await in_thread(chats.moved_heads, known)).items():
                if (room := rooms.get(chat)) is None:
                    continue
                if head is not None:
                    room.expect(head)
                elif room.sockets:  # the chat is erased
                    self._doubt(room.sockets)

    def _doubt(self, sockets: set[Socket]) -> None:
        for socket in sockets:
            self._hub.people[socket.person_id].is_doubtful = True

    async def _look_at_people(self, people: list[Person]) -> None:
        await self._expel(people)
        await self._look_at_memberships(people)

    async def _expel(self, people: list[Person]) -> None:
        for some in _parts(people):
            person_ids = [UUID(person.id) for person in some]
            session_ids = {UUID(socket.session_id) for person in some for socket in person.sockets}
            expelled = await in_thread(selectors.expelled, person_ids, session_ids)
            for person in some:
                if person.id in expelled.shut_out:
                    self._hub.close_sockets(person, Close.BANNED)
                for session_id in {socket.session_id for socket in person.sockets} & expelled.ended:
                    self._hub.close_sockets(person, Close.SESSION_ENDED, session_id=session_id)

    async def _look_at_memberships(self, people: list[Person]) -> None:
        for some in _parts(people):
            seen = {person.id: person.changes for person in some}
            memberships = await in_thread(selectors.memberships, [UUID(person.id) for person in some])
            await self._reconcile(
                [
                    person
                    for person in some
                    if person.sockets
                    and (person.changes != seen[person.id] or person.chats.keys() != memberships[person.id])
                ]
            )

    async def _reconcile(self, people: list[Person]) -> None:
        """Side by side, so that they are asked for together."""
        ends = await asyncio.gather(*map(self._hub.membership.reconcile, people), return_exceptions=True)
        for problem in filter(None, ends):
            raise problem

    async def sweep(self, *, before: float) -> None:
        """Drop the rooms and people whom nobody here has needed for a while."""
        hub = self._hub
        rooms = [room for room in hub.rooms.values() if room.is_idle_since(before)]
        people = [person for person in hub.people.values() if not person.sockets and person.idle_since < before]
        for room in rooms:
            room.stop()
            del hub.rooms[room.chat]
        for person in people:
            del hub.people[person.id]
        groups = [chat_group(room.chat) for room in rooms] + [user_group(person.id) for person in people]
        if groups:
            await hub.line.unsubscribe(*groups)

    async def _tell_heads(self) -> None:
        """Each person's heartbeat: where their chats stand, those alone that moved since the last one."""
        now = asyncio.get_running_loop().time()
        for person in self._hub.people.values():
            if person.sockets and now - person.heads_told_at >= HEARTBEAT_S:
                self.tell_heads_to(person)

    def tell_heads_to(self, person: Person) -> None:
        rooms = [room for chat in person.chats if (room := self._hub.rooms.get(chat)) is not None]
        moved = [room for room in rooms if room.moved_at > person.heads_told_at]
        person.heads_told_at = asyncio.get_running_loop().time()
        if not moved:
            return
        for room in moved:
            room.flush()  # what led to these heads comes before them
        item = items.heads({room.chat: room.cursor for room in moved})
        for socket in tuple(person.sockets):
            if not socket.is_holding:  # else it would be told of heads before what led there
                socket.outbox.put(item)
