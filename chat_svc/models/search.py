"""What the search reads: sixteen messages of a chat in one row, their text folded, so that it is quick to look through.

Blocks are made a little after the messages (services/sealing.py); the search reads what no block holds yet from the
messages themselves, so nothing is unfindable meanwhile.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models

from abdre.links import addresses
from chat_svc.models.chats import Chat

MESSAGES_PER_BLOCK = 16
# Letters of `facts`, where everything else is digits and lower case.
LINK_FLAG, MENTION_FLAG, IMAGE_FLAG, FILE_FLAG = "L", "M", "I", "F"
# Neither stands in a folded text: Python takes both for white space.
_RECORD, _UNIT = "\x1e", "\x1f"


def shown(body: str) -> str:
    """A message as one line, in Unicode's composed spelling."""
    return " ".join(unicodedata.normalize("NFC", body).split())


def fold(body: str) -> str:
    """What makes two texts the same to the search: letter case, spelling in Unicode and white space aside.

    Done here and not in the database: PostgreSQL folds as its locale says (C: nothing but ASCII), SQLite ASCII only.
    """
    return shown(body).casefold()


def text_of(body: str, extras: Mapping[str, Any] | None) -> str:
    """What is looked through: what was said, and the names of its files."""
    return " ".join([body, *(attachment["name"] for attachment in (extras or {}).get("attachments") or ())])


def flags_of(body: str, extras: Mapping[str, Any] | None) -> str:
    hangs = extras or {}
    kinds = {attachment["kind"] for attachment in hangs.get("attachments") or ()}
    return "".join(
        [
            LINK_FLAG if "://" in body and next(addresses(body), None) else "",
            MENTION_FLAG if hangs.get("mentions") else "",
            IMAGE_FLAG if "image" in kinds else "",
            FILE_FLAG if kinds - {"image"} else "",
        ]
    )


class Entry(NamedTuple):
    """A message as the search sees it; of one that nobody says (any more) nothing but its place."""

    seq: int
    created_us: int  # microseconds since 1970
    sender: str  # hex
    flags: str
    folded: str

    @classmethod
    def of(cls, *, seq: int, created_us: int, sender: str, body: str, extras: Mapping[str, Any] | None) -> "Entry":
        flags = flags_of(body, extras)
        if not (body or flags):  # deleted, or told by the system
            return cls(seq, created_us, "", "", "")
        return cls(seq, created_us, sender, flags, fold(text_of(body, extras)))


class SearchBlock(models.Model):
    """Messages `number * 16 + 1` to `number * 16 + 16` of a chat."""

    pk = models.CompositePrimaryKey("chat_id", "number")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+", db_index=False)  # the key begins with it
    number = models.BigIntegerField()
    # None: one of them was changed or deleted since, so they are read themselves until the block is made anew.
    folded = models.TextField(null=True)
    senders = models.TextField(blank=True)  # each once, as hex
    facts = models.TextField(blank=True)  # of each message: when, by which of the senders, and what it has
    oldest_us = models.BigIntegerField()
    newest_us = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["chat"], name="search_block_unsealed", condition=models.Q(folded__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.number}"


class Block(NamedTuple):
    """A row of the table, as it is written and read in bulk."""

    number: int
    folded: str
    senders: str
    facts: str
    oldest_us: int
    newest_us: int

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Block":
        entries = [*_places_before(entries[0]), *entries]
        moments = [entry.created_us for entry in entries]
        senders = list(dict.fromkeys(entry.sender for entry in entries))
        facts = [f"{entry.created_us}{_UNIT}{senders.index(entry.sender)}{_UNIT}{entry.flags}" for entry in entries]
        return cls(
            number=block_number(entries[0].seq),
            folded=_RECORD.join([entry.folded for entry in entries]),
            senders=_RECORD.join(senders),
            facts=_RECORD.join(facts),
            oldest_us=min(moments),
            newest_us=max(moments),
        )


def _places_before(first: Entry) -> list[Entry]:
    """An entry is found by its place, so of what was pruned the places are kept."""
    return [Entry(seq, first.created_us, "", "", "") for seq in range(first_seq(block_number(first.seq)), first.seq)]


def entries_of(number: int, folded: str, senders: str, facts: str, terms: Sequence[str] = ()) -> list[Entry]:
    """Those that contain all terms."""
    texts = folded.split(_RECORD)
    held = [place for place, text in enumerate(texts) if contains(text, terms)]
    if not held:
        return []
    first, people, lines = first_seq(number), senders.split(_RECORD), facts.split(_RECORD)
    return [
        Entry(first + place, int(created_us), people[int(sender)], flags, texts[place])
        for place in held
        for created_us, sender, flags in [lines[place].split(_UNIT)]
    ]


def contains(folded: str, terms: Sequence[str]) -> bool:
    for term in terms:  # noqa: SIM110  # asked of thousands of texts a search, and all() takes three times as long
        if term not in folded:
            return False
    return True


def block_number(seq: int) -> int:
    return (seq - 1) // MESSAGES_PER_BLOCK


def first_seq(number: int) -> int:
    return number * MESSAGES_PER_BLOCK + 1
