"""Who is there, over all devices: told when the first comes and, after a pause, when the last has gone."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import Error as DatabaseError
from django.utils import timezone

from abdre.db import in_thread
from abdre.events import chat_group, publish, user_group
from abdre.store import StoreAway
from abdre.wire import utc
from chat_svc.selectors import active_members, member_counts, memberships_of
from realtime_svc.hub.person import Person
from user_svc import presence
from user_svc.selectors import apart, hiding_presence
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
        self._holder = uuid4().hex
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
        if not (arrived or leaving or asked):
            return
        parts = ({UUID(i): _chats(p) for i, p in who.items()} for who in (arrived, leaving, asked))
        try:
            doubtful = await in_thread(_tell, *parts, held=self._held(), holder=self._holder)
        except DatabaseError:  # the next tick tells them
            self._arrived = arrived | self._arrived
            gone = {person_id: person for person_id, person in leaving.items() if person_id not in self._here}
            self._leaving = _since(gone, now - PAUSE_S) | self._leaving
            self._asked = _since(asked, now - ANSWER_S) | self._asked
            raise
        self._asked |= _since({i: person for i, person in leaving.items() if UUID(i) in doubtful}, now)

    async def beat(self) -> None:
        if await in_thread(_beat, self._held(), holder=self._holder):
            self._arrived |= self._here

    def _held(self) -> list[UUID]:
        return [UUID(person_id) for person_id in self._here]


def _chats(person: Person) -> list[UUID]:
    return [UUID(chat) for chat in person.chats]


def _since(people: Mapping[str, Person], moment: float) -> dict[str, tuple[Person, float]]:
    return {person_id: (person, moment) for person_id, person in people.items()}


def _due(waiting: dict[str, tuple[Person, float]], before: float) -> dict[str, Person]:
    due = {person_id: person for person_id, (person, since) in waiting.items() if since <= before}
    for person_id in due:
        del waiting[person_id]
    return due


Chats = Mapping[UUID, Collection[UUID]]


def _tell(arrived: Chats, leaving: Chats, asked: Chats, *, held: Collection[UUID], holder: str) -> set[UUID]:
    """Answers those who may be gone: the other processes have been asked about them."""
    # Asked first: once the store has our marks, nothing may fail before they are told.
    audiences = _audiences({**arrived, **asked})
    try:
        known = presence.arrive(arrived, held=held, holder=holder) if arrived else set()
        doubtful = presence.leave(leaving, holder=holder)
    except StoreAway:
        return set()  # nobody's presence is known while the store is away, and nobody's is told
    for person_id in doubtful:
        publish(user_group(person_id), {"type": "presence.asked"})
    still_there = presence.online(asked)
    _announce([person_id for person_id in arrived if person_id not in known], audiences, online=True)
    _announce([person_id for person_id in asked if person_id not in still_there], audiences, online=False)
    seen([*arrived, *leaving])
    return doubtful


def _audiences(people: Chats) -> Chats:
    """Where it is told of each of them that they come or go: nowhere if they do not show it.

    A frame is the same for everybody in the chat, so none goes where somebody is on the other side of a block; there it
    is known to those who ask (`user_svc.selectors.presence_of`).
    """
    counts = member_counts({chat for chats in people.values() for chat in chats})
    hiding, parted = hiding_presence(people), apart(people)
    members = active_members({chat for person_id in parted for chat in people[person_id]}) if parted else {}
    return {
        person_id: [
            chat
            for chat in chats
            if counts[chat] <= AUDIENCE_LIMIT and parted.get(person_id, set()).isdisjoint(members.get(chat, ()))
        ]
        for person_id, chats in people.items()
        if person_id not in hiding
    }


def _announce(people: Collection[UUID], audiences: Chats, *, online: bool) -> None:
    """One publication a chat, however many come or go with a process or a network."""
    news: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for person_id in people:
        event = presence_changed(person_id, online=online)
        for chat in audiences.get(person_id, ()):
            news[chat].append(event)
    for chat, events in news.items():
        publish(chat_group(chat), *events)


def presence_changed(person_id: UUID, *, online: bool) -> dict[str, Any]:
    return {"type": "presence.changed", "user": str(person_id), "online": online, "last_seen": utc(timezone.now())}


def _beat(held: Collection[UUID], *, holder: str) -> bool:
    """Whether the marks had run out: others may have been told that these people have gone."""
    try:
        kept = presence.beat(held, holder=holder)
    except StoreAway:
        log.info("presence not kept, the store is away")
        return False
    if kept.abandoned:
        # A process has died with their sockets, and they have not come back by another.
        _announce(kept.abandoned, _audiences(memberships_of(kept.abandoned)), online=False)
        seen(kept.abandoned)
    return kept.lapsed
