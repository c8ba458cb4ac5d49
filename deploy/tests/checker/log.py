"""What one client sent, was answered and was shown: its log, which the verdict reads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Door = Literal["socket", "rest"]
Item = Mapping[str, Any]


class Row(NamedTuple):
    """One message as somebody holds it."""

    seq: int
    version: int
    client_id: str
    sender: str
    body: str
    is_deleted: bool
    created_at: float  # the server's clock, which is ours: everything runs on one machine


def row_of(message: Item) -> Row:
    return Row(
        seq=message["seq"],
        version=message["version"],
        client_id=message["client_id"],
        sender=message["sender"]["id"],
        body=message["body"],
        is_deleted=message["deleted_at"] is not None,
        created_at=datetime.fromisoformat(message["created_at"]).timestamp(),
    )


# What came over one socket, in its order. Times are seconds since 1970.


class Opened(NamedTuple):
    """The hello: from these versions on this socket hears everything."""

    at: float
    chats: Mapping[str, int]


class Asked(NamedTuple):
    """A resume went out with these cursors."""

    at: float
    chats: Mapping[str, int]


class Answered(NamedTuple):
    """Its ack came with the new cursors; empty where it was refused."""

    at: float
    chats: Mapping[str, int]


class Told(NamedTuple):
    """An item with a version; `row` where it is about a message."""

    at: float
    chat: str
    version: int
    row: Row | None = None
    is_new: bool = False  # message.created


class Began(NamedTuple):
    """A reset: what was held of the chat is dropped."""

    at: float
    chat: str
    version: int


class Loaded(NamedTuple):
    """The chat was read by REST, after a reset."""

    at: float
    chat: str
    rows: tuple[Row, ...]


class Entered(NamedTuple):
    at: float
    chat: str
    version: int


class Removed(NamedTuple):
    at: float
    chat: str


class Closed(NamedTuple):
    at: float
    code: int


Entry = Opened | Asked | Answered | Told | Began | Loaded | Entered | Removed | Closed


# What the client wanted.


class Ack(NamedTuple):
    at: float
    seq: int
    version: int
    door: Door


@dataclass
class Wish:
    """A message that shall be stored, under one client_id for ever. `bodies`: whatever it may say, edits included."""

    chat: str
    client_id: str
    body: str
    bodies: set[str] = field(default_factory=set)
    tries: list[tuple[float, Door]] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    refusal: str = ""

    def __post_init__(self) -> None:
        self.bodies.add(self.body)

    @property
    def is_open(self) -> bool:
        return not self.acks and not self.refusal


class Change(NamedTuple):
    """An edit or (body None) a deletion that was acked."""

    at: float
    chat: str
    seq: int
    version: int
    body: str | None


class Shown:
    """What a client holds: rows by chat and seq, never an older one over a newer."""

    def __init__(self) -> None:
        self.chats: dict[str, dict[int, Row]] = {}

    def of(self, chat: str) -> dict[int, Row]:
        return self.chats.setdefault(chat, {})

    def take(self, entry: Entry) -> None:
        if isinstance(entry, Told) and entry.row is not None:
            self._keep(entry.chat, entry.row)
        elif isinstance(entry, Loaded):
            for row in entry.rows:
                self._keep(entry.chat, row)
        elif isinstance(entry, Began | Removed):
            self.chats.pop(entry.chat, None)

    def _keep(self, chat: str, row: Row) -> None:
        rows = self.of(chat)
        held = rows.get(row.seq)
        if held is None or held.version <= row.version:
            rows[row.seq] = row


@dataclass
class Log:
    person: str
    wishes: dict[tuple[str, str], Wish] = field(default_factory=dict)  # by chat and client_id
    changes: list[Change] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    shown: Shown = field(default_factory=Shown)
    troubles: Counter[str] = field(default_factory=Counter)  # answers that said "later", by code

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.shown.take(entry)

    def wish(self, wish: Wish) -> Wish:
        return self.wishes.setdefault((wish.chat, wish.client_id), wish)

    @property
    def open_wishes(self) -> list[Wish]:
        return [wish for wish in self.wishes.values() if wish.is_open]
