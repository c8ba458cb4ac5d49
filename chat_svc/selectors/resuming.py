"""What is newer than the cursors of many people, in one statement, which sees the database at one moment."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from chat_svc.events import chat_changed, membership_changed, message_in_its_state, message_json
from chat_svc.models import Chat, Membership, Message
from chat_svc.selectors.changes import CHAT_LIMIT
from user_svc.selectors import UserJson

CALL_LIMIT = 5_000

Event = Mapping[str, Any]


class Cursors(NamedTuple):
    """Up to which version somebody has heard each chat; `reader=None` is the hub, which knows who may hear."""

    reader: UUID | None
    chats: Mapping[UUID, int]


@dataclass(frozen=True)
class Resumed:
    """`items`: per chat in version order; `heads`: the cursors after them."""

    items: list[Event] = field(default_factory=list)
    heads: dict[UUID, int] = field(default_factory=dict)
    resets: list[UUID] = field(default_factory=list)  # chats to begin anew
    gone: list[UUID] = field(default_factory=list)  # chats that are not theirs, or never were: nobody can tell which


def resume(asked: Sequence[Cursors]) -> list[Resumed]:
    """Everything newer than each one's cursors, or `reset` beyond 500 items a chat or 5,000 in all.

    Where several stopped at the same version of a chat, they are given the very same events.
    """
    moves: list[dict[UUID, Row]] = [{} for _ in asked]
    news: defaultdict[tuple[UUID, int], list[Event]] = defaultdict(list)
    for row in _rows(asked):
        if row.what == "move":
            moves[row.ask][row.chat_id] = row
        else:
            news[row.chat_id, row.since].append(_event(row))
    for events in news.values():
        events.sort(key=_version)
    return [_resumed(cursors.chats, moved, news) for cursors, moved in zip(asked, moves, strict=True)]


def _version(event: Event) -> int:
    version: int = event["version"]
    return version


def _resumed(
    cursors: Mapping[UUID, int], moved: Mapping[UUID, "Row"], news: Mapping[tuple[UUID, int], list[Event]]
) -> Resumed:
    resumed = Resumed()
    for chat_id, since in cursors.items():
        move = moved.get(chat_id)
        if move is None:
            resumed.heads[chat_id] = since
        elif move.head is None:
            resumed.gone.append(chat_id)
        else:
            resumed.heads[chat_id] = move.head
            if move.fits:
                resumed.items.extend(news.get((chat_id, since), ()))
            else:
                resumed.resets.append(chat_id)
    return resumed


class Row(NamedTuple):
    """Of four kinds: `move` says where a chat stands that is not where the cursor is; the others are its news."""

    what: str
    ask: int
    chat_id: UUID
    since: int
    head: int | None  # the chat's version; None: not theirs
    fits: bool
    version: int
    number: int
    other_number: int
    client_id: UUID
    user_id: UUID
    display_name: str
    is_guest: bool
    text: str
    label: str
    state: str
    began_at: dt.datetime
    changed_at: dt.datetime
    ended_at: dt.datetime
    closed_at: dt.datetime


# A version belongs to one row at most, so no chat has more news than versions since the cursor. Only where that is too
# much the rows are counted, as far as the limit: many changes of few messages are few news.
SIZE = """
    CASE WHEN head IS NULL OR head < since THEN NULL  -- not theirs, or from the future
        WHEN head - since <= %(chat_limit)s AND
            sum(CASE WHEN head > since THEN head - since ELSE 0 END) OVER (PARTITION BY ask) <= %(call_limit)s
            THEN head - since
        ELSE (SELECT count(*) FROM (
                SELECT 1 FROM chat_svc_message message
                WHERE message.chat_id = moved.chat_id AND message.version > moved.since LIMIT %(chat_limit)s + 1
            ) AS newer)
            + (SELECT count(*) FROM (
                SELECT 1 FROM chat_svc_membership membership
                WHERE membership.chat_id = moved.chat_id AND membership.version > moved.since LIMIT %(chat_limit)s + 1
            ) AS newer)
            + CASE WHEN own_version > since THEN 1 ELSE 0 END
    END
"""

STATEMENT = """
WITH asked AS (
    {asked}
), moved AS (
    SELECT asked.place, asked.ask, asked.chat_id, asked.since, chat.version AS head, chat.own_version
    FROM asked
    LEFT JOIN chat_svc_membership membership
        ON membership.chat_id = asked.chat_id AND membership.user_id = asked.user_id AND membership.state = 'active'
    LEFT JOIN chat_svc_chat chat ON chat.id = asked.chat_id
        AND (asked.user_id IS NULL OR membership.id IS NOT NULL)
        AND (chat.expires_at IS NULL OR chat.expires_at > %(now)s)
    WHERE chat.id IS NULL OR chat.version <> asked.since
), sized AS (
    SELECT place, ask, chat_id, since, head, {size} AS size FROM moved
), fitted AS (
    SELECT ask, chat_id, since, head,
        coalesce(size <= %(chat_limit)s AND
            sum(CASE WHEN size <= %(chat_limit)s THEN size ELSE 0 END) OVER (PARTITION BY ask ORDER BY place)
            <= %(call_limit)s, 1 = 0) AS fits
    FROM sized
), reading AS (
    SELECT DISTINCT chat_id, since, head FROM fitted WHERE fits
)
SELECT 'message', CAST(NULL AS int), reading.chat_id, reading.since, reading.head, 1 = 1,
    message.version, message.seq, message.reply_to, message.client_id,
    sender.id, sender.display_name, sender.is_guest, message.body, message.kind, CAST(NULL AS varchar(10)),
    message.created_at, message.edited_at, message.deleted_at, CAST(NULL AS timestamp with time zone)
FROM reading
{messages}
JOIN user_svc_user sender ON sender.id = message.sender_id
UNION ALL
SELECT 'membership', NULL, reading.chat_id, reading.since, reading.head, 1 = 1,
    membership.version, NULL, NULL, NULL,
    person.id, person.display_name, person.is_guest, NULL, membership.role, membership.state,
    membership.joined_at, NULL, NULL, NULL
FROM reading
{memberships}
JOIN user_svc_user person ON person.id = membership.user_id
UNION ALL
SELECT 'chat', NULL, reading.chat_id, reading.since, reading.head, 1 = 1,
    chat.own_version, chat.last_seq,
    (SELECT count(*) FROM chat_svc_membership member WHERE member.chat_id = chat.id AND member.state = 'active'), NULL,
    NULL, NULL, NULL, chat.title, chat.kind, NULL,
    chat.created_at, NULL, chat.expires_at, chat.closed_at
FROM reading
JOIN chat_svc_chat chat ON chat.id = reading.chat_id AND chat.own_version > reading.since
UNION ALL
SELECT 'move', ask, chat_id, since, head, fits,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fitted
"""

POSTGRESQL = STATEMENT.format(
    asked="""
    SELECT * FROM unnest(%(asks)s::int[], %(readers)s::uuid[], %(chats)s::uuid[], %(cursors)s::bigint[])
        WITH ORDINALITY AS asked(ask, user_id, chat_id, since, place)
    """,
    size=SIZE,
    # LATERAL with a LIMIT: read by the index of (chat, version) and nothing beyond, whatever the planner guesses.
    messages="""
CROSS JOIN LATERAL (
    SELECT * FROM chat_svc_message WHERE chat_id = reading.chat_id AND version > reading.since
    ORDER BY version LIMIT %(chat_limit)s
) message
    """,
    memberships="""
CROSS JOIN LATERAL (
    SELECT * FROM chat_svc_membership WHERE chat_id = reading.chat_id AND version > reading.since
    ORDER BY version LIMIT %(chat_limit)s
) membership
    """,
)
SQLITE = STATEMENT.format(
    asked="""
    SELECT key AS place, json_extract(value, '$[0]') AS ask, json_extract(value, '$[1]') AS user_id,
        json_extract(value, '$[2]') AS chat_id, json_extract(value, '$[3]') AS since
    FROM json_each(%(asked)s)
    """,
    size=SIZE,
    messages="JOIN chat_svc_message message ON message.chat_id = reading.chat_id AND message.version > reading.since",
    memberships="""
JOIN chat_svc_membership membership
    ON membership.chat_id = reading.chat_id AND membership.version > reading.since
    """,
)


def _rows(asked: Sequence[Cursors]) -> Iterator[Row]:
    flat = [
        (ask, cursors.reader and cursors.reader.hex, chat_id.hex, since)
        for ask, cursors in enumerate(asked)
        for chat_id, since in cursors.chats.items()
    ]
    if not flat:
        return
    limits = {"chat_limit": CHAT_LIMIT, "call_limit": CALL_LIMIT}
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asks, readers, chats, cursors = (_array(column) for column in zip(*flat, strict=True))
            columns = {"asks": asks, "readers": readers, "chats": chats, "cursors": cursors}
            cursor.execute(POSTGRESQL, {**limits, **columns, "now": now})
            yield from (Row(*row) for row in cursor.fetchall())
        else:
            cursor.execute(SQLITE, {**limits, "asked": json.dumps(flat), "now": now})
            yield from (_read(Row(*row)) for row in cursor.fetchall())


def _array(values: Iterable[int | str | None]) -> str:
    """PostgreSQL's own spelling: the driver's takes longer, for hundreds of ids, than the statement does."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _read(row: Row) -> Row:
    """SQLite has neither ids nor times nor truth: texts and numbers as Django writes them."""
    read: dict[str, Any] = {"fits": bool(row.fits), "is_guest": bool(row.is_guest)}
    read |= {name: UUID(text) for name in ("chat_id", "client_id", "user_id") if (text := getattr(row, name))}
    moments = ("began_at", "changed_at", "ended_at", "closed_at")
    read |= {name: _moment(value) for name in moments if (value := getattr(row, name))}
    return row._replace(**read)


def _moment(value: str | dt.datetime) -> dt.datetime:
    """Django has read it already where SQLite still knew from which column it came."""
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=dt.UTC)


def _event(row: Row) -> Event:
    card: UserJson = {"id": str(row.user_id), "display_name": row.display_name, "is_guest": row.is_guest}
    if row.what == "message":
        return dict(message_in_its_state(message_json(_message(row), sender=card)))
    if row.what == "membership":
        return dict(membership_changed(_membership(row), user=card))
    return dict(chat_changed(_chat(row), member_count=row.other_number))


def _message(row: Row) -> Message:
    return Message(
        chat_id=row.chat_id,
        seq=row.number,
        version=row.version,
        sender_id=row.user_id,
        client_id=row.client_id,
        kind=row.label,
        body=row.text,
        created_at=row.began_at,
        edited_at=row.changed_at,
        deleted_at=row.ended_at,
        reply_to=row.other_number,
    )


def _membership(row: Row) -> Membership:
    return Membership(
        chat_id=row.chat_id,
        user_id=row.user_id,
        role=row.label,
        state=row.state,
        joined_at=row.began_at,
        version=row.version,
    )


def _chat(row: Row) -> Chat:
    assert row.head is not None  # news is of chats that are theirs
    return Chat(
        id=row.chat_id,
        kind=row.label,
        title=row.text,
        created_at=row.began_at,
        expires_at=row.ended_at,
        closed_at=row.closed_at,
        last_seq=row.number,
        version=row.head,
        own_version=row.version,
    )
