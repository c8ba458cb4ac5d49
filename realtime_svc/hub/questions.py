"""What the hub asks of the services below, for many people in one hop: who comes together is asked for together."""

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any
from uuid import UUID

from abdre.db import in_thread
from chat_svc import selectors as chats
from realtime_svc import selectors
from realtime_svc.hub.joint import Joint
from realtime_svc.selectors import Admission, Entry

Spawn = Callable[[Coroutine[Any, Any, None]], object]

# Ids in one statement: a room's head, a person's chats.
IDS_PER_CALL = 1_000


class Questions:
    """Each raises what its selector raises, or DatabaseError."""

    def __init__(self, spawn: Spawn) -> None:
        self._admissions = Joint(_admissions, spawn=spawn)
        self._heads = Joint(_heads, spawn=spawn, weight_limit=IDS_PER_CALL)
        self._chats = Joint(_chats, spawn=spawn)
        self._entries = Joint(_entries, spawn=spawn)
        self._alive = Joint(_alive, spawn=spawn)

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
