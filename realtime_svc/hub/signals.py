"""What people show without a word, how far they have read and that they type: written for all of a process at once."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import Error as DatabaseError

from abdre.db import in_thread
from chat_svc import services as chats
from chat_svc.errors import NotAMember
from realtime_svc.hub.joint import Joint
from realtime_svc.hub.questions import Spawn

log = logging.getLogger(__name__)

# A reader who scrolls marks many messages a second; the furthest says it all.
MARKS_EVERY_S = 1.0

Reader = tuple[UUID, UUID]  # (chat, person)


class Signals:
    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._typing = Joint(_type, spawn=spawn)
        self._marks: dict[Reader, int] = {}
        self._is_writing = False

    async def typing(self, chat_id: UUID, person_id: UUID) -> None:
        """Raises ChatNotFound, DatabaseError."""
        await self._typing.ask((chat_id, person_id))

    def read(self, chat_id: UUID, person_id: UUID, seq: int) -> None:
        """Written at once if nobody's was for a second, else with all others of this second."""
        self._keep({(chat_id, person_id): seq})
        if not self._is_writing:
            self._is_writing = True
            self._spawn(self._write_on())

    def _keep(self, marks: Mapping[Reader, int]) -> None:
        for reader, seq in marks.items():
            self._marks[reader] = max(seq, self._marks.get(reader, 0))

    async def _write_on(self) -> None:
        try:
            while self._marks:
                await self._write()
                await asyncio.sleep(MARKS_EVERY_S)
        except asyncio.CancelledError:
            await self._write()  # the process stops; the thread finishes this even if nobody waits for it
            raise
        finally:
            self._is_writing = False

    async def _write(self) -> None:
        marks, self._marks = self._marks, {}
        try:
            left = await in_thread(chats.mark_read_all, marks)
        except DatabaseError:
            log.warning("read marks not written, they are kept", exc_info=True)
            left = marks
        self._keep(left)


async def _type(asked: Sequence[Reader]) -> Sequence[Exception | None]:
    members = await in_thread(chats.start_typing_all, set(asked))
    return [None if reader in members else NotAMember() for reader in asked]
