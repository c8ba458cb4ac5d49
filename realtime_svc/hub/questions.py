"""What the hub asks of the services below, for many people in one hop: who comes together is asked for together."""

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from abdre.db import in_thread
from chat_svc import selectors as chats
from realtime_svc import selectors
from realtime_svc.hub.joint import Joint
from realtime_svc.hub.room import MEND_PAGE, Changes, Room
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import RESUME_LIMIT_BYTES, RESUME_LIMIT_PER_CALL, RESUME_LIMIT_PER_CHAT
from realtime_svc.selectors import Admission, Entry

Spawn = Callable[[Coroutine[Any, Any, None]], object]

# Ids in one statement: a room's head, a person's chats.
IDS_PER_CALL = 1_000
# Rows that a resume of several people may bring together, and how many such statements run at a time: one that brings
# much does not keep those waiting who have missed little.
ROWS_PER_CALL = 10_000
RESUMES_AT_ONCE = 2


@dataclass(frozen=True)
class Resumption:
    """What one reader missed. The items are encoded, with their chats; who missed the same shares them."""

    items: Sequence[tuple[str, Item]]
    heads: Mapping[str, int]
    resets: set[str]
    gone: Collection[str]


class Questions:
    """Each raises what its selector raises, or DatabaseError."""

    def __init__(self, spawn: Spawn, rooms: Mapping[str, Room]) -> None:
        self._rooms = rooms
        self._admissions = Joint(_admissions, spawn=spawn)
        self._heads = Joint(_heads, spawn=spawn, weight_limit=IDS_PER_CALL)
        self._chats = Joint(_chats, spawn=spawn)
        self._entries = Joint(_entries, spawn=spawn)
        self._alive = Joint(_alive, spawn=spawn)
        self._resumes = Joint(_resumes, spawn=spawn, weight_limit=ROWS_PER_CALL, at_once=RESUMES_AT_ONCE)
        self._changes = Joint(_changes, spawn=spawn, weight_limit=ROWS_PER_CALL)

    async def admission(self, person_id: str, session_id: str) -> Admission:
        """Who comes in, and to which chats. Raises SessionEnded, ShutOut, UserNotFound."""
        return await self._admissions.ask((UUID(person_id), UUID(session_id)))

    async def heads(self, chat_ids: Collection[str]) -> dict[UUID, int]:
        """The versions of these chats (and of others, perhaps)."""
        return await self._heads.ask([UUID(chat) for chat in chat_ids], weight=len(chat_ids))

    async def chats_of(self, person_id: str) -> dict[str, int]:
        """The person's chats and their versions."""
        return await self._chats.ask(UUID(person_id))

    async def entry(self, chat_id: str, person_id: str) -> Entry | None:
        """The `chat.created` that the person should have heard; None if they are not in the chat (any more)."""
        return await self._entries.ask((UUID(chat_id), UUID(person_id)))

    async def is_alive(self, session_id: UUID) -> bool:
        """Whether the session lives, by its row."""
        return await self._alive.ask(session_id)

    async def resume(self, person_id: str, cursors: Mapping[UUID, int]) -> Resumption:
        """What the person missed since these versions of their chats."""
        return await self._resumes.ask(chats.Cursors(UUID(person_id), cursors), weight=self._most_rows(cursors))

    def _most_rows(self, cursors: Mapping[UUID, int]) -> int:
        """No more rows than versions; and something for each cursor that is compared."""
        rooms = [(self._rooms.get(str(chat_id)), since) for chat_id, since in cursors.items()]
        missed = [room.cursor - since for room, since in rooms if room is not None and room.cursor > since]
        rows = sum(min(versions, RESUME_LIMIT_PER_CHAT) for versions in missed)
        return 1 + len(cursors) // 10 + min(rows, RESUME_LIMIT_PER_CALL)

    async def changes(self, chat_id: str, since: int) -> Changes:
        """What happened in the chat, a page at most, and where the chat stands after it."""
        cursors = chats.Cursors(None, {UUID(chat_id): since})
        found = await self._changes.ask(cursors, weight=MEND_PAGE)
        if not found.resets:
            return found.items, found.heads.get(UUID(chat_id), 0)
        page = await in_thread(chats.room_changes, chat_id=UUID(chat_id), since=since, limit=MEND_PAGE)
        return page.items, page.version


async def _admissions(asked: Sequence[tuple[UUID, UUID]]) -> Sequence[Admission | Exception]:
    return await in_thread(selectors.admissions, asked)


async def _heads(asked: Sequence[list[UUID]]) -> Sequence[dict[UUID, int]]:
    found = await in_thread(chats.heads, {chat_id for chat_ids in asked for chat_id in chat_ids})
    return [found] * len(asked)


async def _chats(asked: Sequence[UUID]) -> Sequence[dict[str, int]]:
    found = await in_thread(selectors.chats_of, asked)
    return [found[person_id] for person_id in asked]


async def _entries(asked: Sequence[tuple[UUID, UUID]]) -> Sequence[Mapping[str, Any] | None]:
    found = await in_thread(selectors.entries, asked)
    return [found.get(entry) for entry in asked]


async def _alive(asked: Sequence[UUID]) -> Sequence[bool]:
    ended = await in_thread(selectors.ended_sessions, asked)
    return [session_id not in ended for session_id in asked]


async def _changes(asked: Sequence[chats.Cursors]) -> Sequence[chats.Resumed]:
    return await in_thread(chats.resume, asked)


async def _resumes(asked: Sequence[chats.Cursors]) -> Sequence[Resumption]:
    return await in_thread(_encoded_resumes, asked)


def _encoded_resumes(asked: Sequence[chats.Cursors]) -> list[Resumption]:
    """Encoded here, on the database's thread, and each event once."""
    found = chats.resume(asked)
    encoded = {id(event): Item.of(event) for resumed in found for event in resumed.items}
    return [_bounded(resumed, encoded) for resumed in found]


def _bounded(resumed: chats.Resumed, encoded: Mapping[int, Item]) -> Resumption:
    """All of it waits in memory for its reader; chats that are too large for that are begun anew."""
    told: dict[str, list[Item]] = {}
    for event in resumed.items:
        told.setdefault(event["chat"], []).append(encoded[id(event)])
    resets = {str(chat_id) for chat_id in resumed.resets}
    left = RESUME_LIMIT_BYTES
    for chat, news in told.items():
        size = sum(item.size for item in news)
        if size > left:
            resets.add(chat)
        else:
            left -= size
    return Resumption(
        items=[(chat, item) for chat, news in told.items() if chat not in resets for item in news],
        heads={str(chat_id): head for chat_id, head in resumed.heads.items()},
        resets=resets,
        gone=[str(chat_id) for chat_id in resumed.gone],
    )
