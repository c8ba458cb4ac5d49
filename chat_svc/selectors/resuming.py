"""What is newer than the cursors of many people, in one statement, which sees the database at one moment."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField
from django.utils import timezone

from chat_svc.events import chat_changed, membership_changed, message_in_its_state, message_json
from chat_svc.models import ERA, Chat, Membership, Message
from chat_svc.selectors.changes import CHAT_LIMIT
from chat_svc.selectors.resume_statement import POSTGRESQL, RULES, SQLITE
from user_svc.selectors import user_card

CALL_LIMIT = 5_000
FLAGS = {name for name in RULES if isinstance(Chat._meta.get_field(name), BooleanField)}

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
    news: defaultdict[Reading, list[Event]] = defaultdict(list)
    for row in _rows(asked):
        if row.what == "move":
            moves[row.ask][row.chat_id] = row
        else:
            news[row.reading].append(_event(row))
    for events in news.values():
        events.sort(key=_version)
    return [_resumed(cursors.chats, moved, news) for cursors, moved in zip(asked, moves, strict=True)]


def _version(event: Event) -> int:
    version: int = event["version"]
    return version


def _resumed(
    cursors: Mapping[UUID, int], moved: Mapping[UUID, "Row"], news: Mapping["Reading", list[Event]]
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
                resumed.items.extend(news.get(move.reading, ()))
            else:
                resumed.resets.append(chat_id)
    return resumed


class Reading(NamedTuple):
    """Who shares these three is given the same."""

    chat_id: UUID
    since: int
    readable_from: int


class Row(NamedTuple):
    """Of four kinds: `move` says where a chat stands that is not where the cursor is; the others are its news."""

    what: str
    ask: int
    chat_id: UUID
    since: int
    head: int | None  # the chat's version; None: not theirs
    readable_from: int
    fits: bool
    version: int
    number: int
    other_number: int
    client_id: UUID
    user_id: UUID
    display_name: str
    is_guest: bool
    is_bot: bool
    picture: str | None
    text: str
    label: str
    state: str
    began_at: dt.datetime
    changed_at: dt.datetime
    ended_at: dt.datetime
    closed_at: dt.datetime
    extras: str | None  # JSON; of a chat its rules

    @property
    def reading(self) -> Reading:
        return Reading(self.chat_id, self.since, self.readable_from)


def _rows(asked: Sequence[Cursors]) -> Iterator[Row]:
    flat = [
        (ask, cursors.reader and cursors.reader.hex, chat_id.hex, since)
        for ask, cursors in enumerate(asked)
        for chat_id, since in cursors.chats.items()
    ]
    if not flat:
        return
    limits = {"chat_limit": CHAT_LIMIT, "call_limit": CALL_LIMIT, "era": ERA}
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
    read: dict[str, Any] = {name: bool(getattr(row, name)) for name in ("fits", "is_guest", "is_bot")}
    read |= {name: UUID(text) for name in ("chat_id", "client_id", "user_id") if (text := getattr(row, name))}
    moments = ("began_at", "changed_at", "ended_at", "closed_at")
    read |= {name: _moment(value) for name in moments if (value := getattr(row, name))}
    return row._replace(**read)


def _moment(value: str | dt.datetime) -> dt.datetime:
    """Django has read it already where SQLite still knew from which column it came."""
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=dt.UTC)


def _event(row: Row) -> Event:
    card = user_card(str(row.user_id), row.display_name, is_guest=row.is_guest, is_bot=row.is_bot, picture=row.picture)
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
        extras=row.extras and json.loads(row.extras),
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
        **_rules(json.loads(row.extras or "{}")),
    )


def _rules(told: dict[str, Any]) -> dict[str, Any]:
    """SQLite has no truth in JSON either."""
    return {name: bool(value) if name in FLAGS else value for name, value in told.items()}
