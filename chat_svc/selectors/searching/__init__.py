"""Search over all that a person may read: newest first, page by page."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple, TypedDict
from uuid import UUID

from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.wire import Id
from chat_svc.events import MessageJson, message_json
from chat_svc.models import Entry, Kind, Message
from chat_svc.models.search import fold, text_of
from chat_svc.selectors import nearby
from chat_svc.selectors.readable import readable_from
from chat_svc.selectors.searching.blocks import Coarse, Span, candidates, entries_in, messages_in
from chat_svc.selectors.searching.chats import Searched, chats_for, senders_for, titles
from chat_svc.selectors.searching.query import NO_FILTERS, Filters, Query, parse
from chat_svc.selectors.searching.segments import Segment, segments

# Of blocks read at a time, growing: most questions are answered by the first, and none reads all of them twice.
FIRST_LOOK, GROWTH = 256, 16


class ChatName(TypedDict):
    id: Id
    kind: Annotated[str, Kind]
    title: str


class Hit(TypedDict):
    """`segments` is the message with its files' names, or the part of it around its first hit, as one line."""

    chat: ChatName
    message: MessageJson
    segments: list[Segment]


class SearchPage(TypedDict):
    """`next` is the `cursor` of the next page; null on the last one."""

    items: list[Hit]
    next: str | None


class Place(NamedTuple):
    """Where a hit is; the order of hits, too: newest first means descending."""

    created_us: int
    chat: str  # hex
    seq: int


@dataclass(frozen=True)
class Wanted:
    """What makes a message a hit."""

    query: Query
    senders: frozenset[str]  # hex; empty: anybody
    before: Place | None

    def takes(self, place: Place, entry: Entry) -> bool:
        """Of an entry that contains the terms."""
        query = self.query
        return (
            entry.sender != ""  # else nobody says it (any more)
            and (not self.senders or entry.sender in self.senders)
            and all(flag in entry.flags for flag in query.flags)
            and (query.after_us is None or entry.created_us >= query.after_us)
            and (query.before_us is None or entry.created_us < query.before_us)
            and (self.before is None or place < self.before)
        )

    def coarse(self) -> Coarse:
        ends = [end for end in (self.query.before_us, self.before and self.before.created_us + 1) if end is not None]
        return Coarse(
            self.query.terms, tuple(self.senders), self.query.flags, self.query.after_us, min(ends) if ends else None
        )


def search(
    *,
    user_id: UUID,
    text: str,
    chat_id: UUID | None = None,
    filters: Filters = NO_FILTERS,
    cursor: str = "",
    limit: int = 20,
) -> SearchPage:
    """`cursor` is the previous page's `next`. Raises Invalid, ChatNotFound."""
    query, before = parse(text, filters), _place(cursor) if cursor else None
    chats = chats_for(user_id, query, chat_id)
    senders = senders_for(user_id, query, chats)
    if not chats or ((query.senders or query.sender_id) and not senders):
        return {"items": [], "next": None}
    wanted = Wanted(query, senders, before)
    return nearby.of_chats(chats, lambda: _page(chats, wanted, user_id, limit))


def _page(chats: Sequence[Searched], wanted: Wanted, user_id: UUID, limit: int) -> SearchPage:
    places = _places(chats, wanted, limit)
    page = places[:limit]
    return {
        "items": _hits(page, {chat.chat_id: chat for chat in chats}, wanted.query, user_id),
        "next": _cursor(page[-1]) if len(places) > limit else None,
    }


def _places(chats: Sequence[Searched], wanted: Wanted, limit: int) -> list[Place]:
    """More than `limit` of them if there are more: the newest, in their order."""
    terms, firsts = wanted.query.terms, {chat.chat_id.hex: readable_from(chat) for chat in chats}
    unsealed = [Span(c.chat_id, max(readable_from(c), c.sealed_seq + 1), c.last_seq) for c in chats]
    spans = [Span(chat.chat_id, readable_from(chat), chat.sealed_seq) for chat in chats]
    # A set: what is sealed between the two looks is met twice.
    found = set(_taken(messages_in([span for span in unsealed if span.first <= span.last], terms), wanted, firsts))
    looked_at, size = 0, FIRST_LOOK
    while True:
        blocks = candidates(spans, wanted.coarse(), limit=size, offset=looked_at)
        found.update(_taken(entries_in(blocks, terms), wanted, firsts))
        # Nothing in the blocks that are left is newer than the newest message of the last one.
        if len(blocks) < size or sum(place.created_us > blocks[-1].newest_us for place in found) > limit:
            return sorted(found, reverse=True)
        looked_at, size = looked_at + size, size * GROWTH


def _taken(entries: Iterable[tuple[str, Entry]], wanted: Wanted, firsts: Mapping[str, int]) -> Iterable[Place]:
    for chat, entry in entries:
        place = Place(entry.created_us, chat, entry.seq)
        if wanted.takes(place, entry) and entry.seq >= firsts[chat]:
            yield place


def _hits(places: Sequence[Place], chats: Mapping[UUID, Searched], query: Query, user_id: UUID) -> list[Hit]:
    messages = _messages(places)
    # One that was deleted a moment ago is left out.
    found = [messages[place.chat, place.seq] for place in places if (place.chat, place.seq) in messages]
    names = titles([chats[chat_id] for chat_id in {message.chat_id for message in found}], user_id)
    return [
        {
            "chat": {
                "id": str(message.chat_id),
                "kind": chats[message.chat_id].kind,
                "title": names[message.chat_id],
            },
            "message": message_json(message),
            "segments": segments(_line(message, query.terms), query.terms),
        }
        for message in found
    ]


def _messages(places: Sequence[Place]) -> dict[tuple[str, int], Message]:
    keys = [(UUID(place.chat), place.seq) for place in places]
    rows = Message.objects.filter(pk__in=keys, deleted_at=None).select_related("sender")
    return {(message.chat_id.hex, message.seq): message for message in rows}


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(".".join(map(str, place)).encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        created_us, chat, seq = plain.split(".")
        return Place(_number(created_us), UUID(hex=chat).hex, _number(seq))
    except ValueError as problem:
        raise Invalid(fields={"cursor": [_("The `next` of an earlier page.")]}) from problem


def _number(text: str) -> int:
    if not (text.isdigit() and len(text) < 19):  # PostgreSQL's bigint takes it
        raise ValueError("not a number of ours")
    return int(text)


def _line(message: Message, terms: Sequence[str]) -> str:
    """Without the marks of its Markdown, where what was looked for is to be seen without them."""
    preview: str = (message.extras or {}).get("preview") or ""
    seen = fold(preview)
    return preview if preview and all(term in seen for term in terms) else text_of(message.body, message.extras)
