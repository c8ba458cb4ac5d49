"""A chat while it is being filled: its numbers go on as if each message had been sent, edited or deleted by itself."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from abdre.wire import microseconds
from chat_svc.management.demo.talk import Speech
from chat_svc.models import MESSAGES_PER_BLOCK, Block, Entry

MESSAGE_COLUMNS = (
    *("chat_id", "seq", "version", "sender_id", "client_id", "kind", "body"),
    *("created_at", "edited_at", "deleted_at", "reply_to", "extras"),
)  # fmt: skip
BLOCK_COLUMNS = ("chat_id", "number", "folded", "senders", "facts", "oldest_us", "newest_us")
Row = tuple[str | int | None, ...]
EDITED, DELETED, REPLIED = 0.02, 0.01, 0.05
SOON = timedelta(seconds=5)


class Member(NamedTuple):
    id: UUID
    name: str


@dataclass
class Room:
    """`version` and `last_seq` as the chat's row has them in the end."""

    id: UUID
    members: list[Member]
    version: int
    last_seq: int = 0
    last_at: datetime | None = None
    own_seqs: dict[UUID, int] = field(default_factory=dict)  # by person: their last message
    deleted: list[int] = field(default_factory=list)
    waiting: list[Entry] = field(default_factory=list)  # for the block to become full

    @property
    def sealed_seq(self) -> int:
        return self.last_seq - len(self.waiting)

    def say(self, sender: UUID, speech: Speech, at: datetime, random: Random) -> Row:
        """The message's row."""
        self.last_seq, self.version, self.last_at = self.last_seq + 1, self.version + 1, at
        self.own_seqs[sender] = seq = self.last_seq
        chance, reply_to = random.random(), None
        if seq > 20 and random.random() < REPLIED:
            reply_to = seq - random.randrange(1, 20)
        is_deleted, is_edited = chance < DELETED, DELETED <= chance < DELETED + EDITED
        if is_deleted or is_edited:
            self.version += 1  # a change of its own, a little later
        if is_deleted:
            self.deleted.append(seq)
        self._note(seq, sender, speech, at, is_deleted=is_deleted)
        changed_at = moment(at + SOON)
        return (
            *(self.id.hex, seq, self.version, sender.hex, f"{random.getrandbits(128):032x}", "text"),
            *("" if is_deleted else speech.body, moment(at), changed_at if is_edited else None),
            *(changed_at if is_deleted else None, reply_to, None if is_deleted else speech.extras),
        )

    def _note(self, seq: int, sender: UUID, speech: Speech, at: datetime, *, is_deleted: bool) -> None:
        created_us = microseconds(at)
        entry = (
            Entry(seq, created_us, "", "", "")
            if is_deleted
            else Entry(seq, created_us, sender.hex, speech.flags, speech.folded)
        )
        self.waiting.append(entry)

    def full_block(self) -> Row | None:
        """The row of the block that has just become full."""
        if len(self.waiting) < MESSAGES_PER_BLOCK:
            return None
        block, self.waiting = Block.of(self.waiting), []
        return (self.id.hex, *block)

    def uncounted_after(self, seq: int) -> int:
        """Of the messages after it, those that are nobody's news."""
        return len(self.deleted) - bisect_right(self.deleted, seq)


def moment(at: datetime) -> str:
    """As both databases read it; connections speak UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
