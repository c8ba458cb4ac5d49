"""Where to look: the blocks of some chats that may hold a hit, newest first, and messages that no block holds yet."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from abdre.lookups import uuid_array
from abdre.replica import reading
from abdre.wire import microseconds
from chat_svc.models import MESSAGES_PER_BLOCK, Entry
from chat_svc.models.search import block_number, contains, entries_of, first_seq, fold, text_of

# OFFSET 0 leaves the planner nothing but the index, chat by chat: otherwise it may look through everybody's blocks.
# strpos and not LIKE, which walks Cyrillic sign by sign and takes five times as long. Ids and times go as texts:
# making Python's own of them takes longer than all else here, and of most rows nobody needs them.
POSTGRESQL = """
SELECT block.chat_id::text, number, folded, senders, facts, newest_us
FROM unnest(%s::uuid[], %s::bigint[]) AS mine(chat, first)
CROSS JOIN LATERAL (
    SELECT chat_id, number, folded, senders, facts, newest_us FROM chat_svc_searchblock
    WHERE chat_id = mine.chat AND number >= mine.first {conditions}
    OFFSET 0
) block
ORDER BY newest_us DESC, block.chat_id, number
LIMIT %s OFFSET %s
"""
SQLITE = """
SELECT chat_id, number, folded, senders, facts, newest_us
FROM json_each(%s) AS mine
CROSS JOIN chat_svc_searchblock
WHERE chat_id = json_extract(mine.value, '$[0]') AND number >= json_extract(mine.value, '$[1]') {conditions}
ORDER BY newest_us DESC, chat_id, number
LIMIT %s OFFSET %s
"""
MESSAGES_POSTGRESQL = """
SELECT chat_id::text, seq, created_at::text, sender_id::text, body, extras::text
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS asked(chat, first, last)
CROSS JOIN LATERAL (
    SELECT chat_id, seq, created_at, sender_id, body, extras FROM chat_svc_message
    WHERE chat_id = asked.chat AND seq BETWEEN asked.first AND asked.last
    OFFSET 0
) message
"""
MESSAGES_SQLITE = """
SELECT chat_id, seq, created_at || '', sender_id, body, extras
FROM json_each(%s) AS asked
CROSS JOIN chat_svc_message
WHERE chat_id = json_extract(asked.value, '$[0]')
    AND seq BETWEEN json_extract(asked.value, '$[1]') AND json_extract(asked.value, '$[2]')
"""


class Span(NamedTuple):
    """Messages of a chat, both ends included."""

    chat_id: UUID
    first: int
    last: int


class Coarse(NamedTuple):
    """What holds of a block if a hit is in it; the same may hold without one."""

    texts: Sequence[str] = ()  # in `folded`
    senders: Sequence[str] = ()  # any of them in `senders`
    flags: str = ""  # in `facts`
    after_us: int | None = None
    before_us: int | None = None


class Candidate(NamedTuple):
    chat: str  # hex
    number: int
    folded: str | None
    senders: str
    facts: str
    newest_us: int


def candidates(spans: Sequence[Span], coarse: Coarse, *, limit: int, offset: int) -> list[Candidate]:
    """Those that begin at or after the spans' beginnings; the end is where the blocks end."""
    firsts = [(span.chat_id, block_number(span.first)) for span in spans]
    conditions, values = _conditions(coarse)
    if reading().vendor == "postgresql":
        chats, numbers = zip(*firsts, strict=True)
        asked: list[Any] = [uuid_array(chats), list(numbers)]
        statement = POSTGRESQL
    else:
        asked = [json.dumps([(chat_id.hex, number) for chat_id, number in firsts])]
        statement = SQLITE
    with reading().cursor() as cursor:
        cursor.execute(statement.format(conditions=conditions), [*asked, *values, limit, offset])
        return [Candidate(row[0].replace("-", ""), *row[1:]) for row in cursor.fetchall()]


def _conditions(coarse: Coarse) -> tuple[str, list[Any]]:
    """What an unsealed block holds is not known, so it is always looked at."""
    holds = "strpos({}, %s) > 0" if reading().vendor == "postgresql" else "instr({}, %s) > 0"
    known = [holds.format("folded") for _ in coarse.texts] + [holds.format("facts") for _ in coarse.flags]
    values: list[Any] = [*coarse.texts, *coarse.flags]
    if coarse.senders:
        known.append("(" + " OR ".join(holds.format("senders") for _ in coarse.senders) + ")")
        values += coarse.senders
    bounds = {"newest_us >= %s": coarse.after_us, "oldest_us < %s": coarse.before_us}
    conditions = [bound for bound, value in bounds.items() if value is not None]
    values = [value for value in bounds.values() if value is not None] + values
    if known:
        conditions.append(f"(folded IS NULL OR ({' AND '.join(known)}))")
    return "".join(f" AND {condition}" for condition in conditions), values


def entries_in(blocks: Sequence[Candidate], terms: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """Those that contain all terms, each with its chat."""
    unsealed: list[Span] = []
    for block in blocks:
        if block.folded is None:
            first = first_seq(block.number)
            unsealed.append(Span(UUID(block.chat), first, first + MESSAGES_PER_BLOCK - 1))
        else:
            for entry in entries_of(block.number, block.folded, block.senders, block.facts, terms):
                yield block.chat, entry
    yield from messages_in(unsealed, terms)


def messages_in(spans: Sequence[Span], terms: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """The same, read from the messages themselves."""
    if not spans:
        return
    with reading().cursor() as cursor:
        if reading().vendor == "postgresql":
            chats, firsts, lasts = zip(*spans, strict=True)
            cursor.execute(MESSAGES_POSTGRESQL, [uuid_array(chats), list(firsts), list(lasts)])
        else:
            cursor.execute(MESSAGES_SQLITE, [json.dumps([(span.chat_id.hex, *span[1:]) for span in spans])])
        for chat, seq, created_at, sender, body, extras in cursor.fetchall():
            hangs = json.loads(extras) if extras else None
            if contains(fold(text_of(body, hangs)), terms):
                moment, sender_id = microseconds(_moment(created_at)), sender.replace("-", "")
                entry = Entry.of(seq=seq, created_us=moment, sender=sender_id, body=body, extras=hangs)
                yield chat.replace("-", ""), entry


def _moment(text: str) -> dt.datetime:
    """As the database writes it, in UTC: PostgreSQL says so, SQLite does not."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
