"""Who is there, over all devices: told when the first comes and, after a pause, when the last has gone."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from abdre.db import in_thread
from abdre.events import chat_group, publish, user_group
from abdre.store import StoreAway
from abdre.wire import utc
from chat_svc.selectors import member_counts
from realtime_svc.hub.person import Person
from user_svc import presence
from user_svc.services import seen

log = logging.getLogger(__name__)

BEAT_EVERY_S = 25  # presence.PRESENCE_TTL_S holds two of them
# A reload, a change of network, a phone that blinks: nobody has gone.
PAUSE_S = 5.0
# Other processes that have the person's sockets say so within this time.
ANSWER_S = 1.0
# In a larger chat a coming and going would be told to everybody all the time.
AUDIENCE_LIMIT = 50


class Presence:
    def __init__(self) -> None:
        self._here: dict[str, Person] = {}  # with sockets in this process
        self._arrived: dict[str, Person] = {}
        self._leaving: dict[str, tuple[Person, float]] = {}  # and since when
        self._asked: dict[str, tuple[Person, float]] = {}

    def came(self, person: Person) -> None:
        if person.id in self._here:
            return
        self._here[person.id] = person
        # Whoever only blinked is still shown as there, and nothing needs to be told.
        if self._leaving.pop(person.id, None) is None:
            self._arrived[person.id] = person

    def left(self, person: Person) -> None:
        if self._here.pop(person.id, None) is not None:
            self._leaving[person.id] = (person, asyncio.get_running_loop().time())

    def stays(self, person: Person) -> None:
        """Another process lost the person's last socket there; here is one."""
        self._arrived[person.id] = person

    async def tick(self) -> None:
        """Called every second: one hop to a thread for all who came, went, or were asked about."""
        now = asyncio.get_running_loop().time()
        arrived, self._arrived = self._arrived, {}
        leaving = _due(self._leaving, now - PAUSE_S)
        asked = _due(self._asked, now - ANSWER_S)
        self._asked |= {person_id: (person, now) for person_id, person in leaving.items()}
        if arrived or leaving or asked:
            await in_thread(_tell, *({UUID(i): _chats(p) for i, p in who.items()} for who in (arrived, leaving, asked)))

    async def beat(self) -> None:
        await in_thread(_beat, [UUID(person_id) for person_id in self._here])


def _chats(person: Person) -> list[UUID]:
    return [UUID(chat) for chat in person.chats]


def _due(waiting: dict[str, tuple[Person, float]], before: float) -> dict[str, Person]:
    due = {person_id: person for person_id, (person, since) in waiting.items() if since <= before}
    for person_id in due:
        del waiting[person_id]
    return due


Chats = Mapping[UUID, Collection[UUID]]


def _tell(arrived: Chats, leaving: Chats, asked: Chats) -> None:
    try:
        known = presence.online(arrived)
        presence.beat(arrived)
        presence.gone(leaving)
    except StoreAway:
        return  # nobody's presence is known while the store is away, and nobody's is told
    for person_id in leaving:
        publish(user_group(person_id), {"type": "presence.asked"})
    seen([*arrived, *leaving])
    still_there = presence.online(asked)
    _announce({person_id: chats for person_id, chats in arrived.items() if person_id not in known}, online=True)
    _announce({person_id: chats for person_id, chats in asked.items() if person_id not in still_there}, online=False)


def _announce(people: Chats, *, online: bool) -> None:
    counts = member_counts({chat for chats in people.values() for chat in chats})
    for person_id, chats in people.items():
        event = presence_changed(person_id, online=online)
        for chat in chats:
            if counts.get(chat, 0) <= AUDIENCE_LIMIT:
                publish(chat_group(chat), event)


def presence_changed(person_id: UUID, *, online: bool) -> dict[str, Any]:
    return {"type": "presence.changed", "user": str(person_id), "online": online, "last_seen": utc(timezone.now())}


def _beat(person_ids: Collection[UUID]) -> None:
    try:
        presence.beat(person_ids)
    except StoreAway:
        log.info("presence not kept, the store is away")
