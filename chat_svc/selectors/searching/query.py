"""What somebody types into the search, taken apart: words, "phrases", and filters like `from:ada`."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.wire import microseconds
from chat_svc.models.search import FILE_FLAG, IMAGE_FLAG, LINK_FLAG, MENTION_FLAG, fold

QUERY_LIMIT = 200
TERMS_LIMIT = 10
FLAGS = {"link": LINK_FLAG, "file": FILE_FLAG, "image": IMAGE_FLAG, "mention": MENTION_FLAG}
# A filter with its value, a phrase, or a word; a quotation mark that is never closed closes at the end.
PART = re.compile(r'(?:(?P<key>from|in|before|after|has):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))', re.IGNORECASE)
# Where one sign is a word: kana, Chinese characters, Korean syllables.
ONE_SIGN_WORD = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Query:
    """All of it holds of a hit. Terms are folded texts that it contains; `after_us` is the first moment that counts."""

    terms: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()  # as named: each a part of the name, or `me`
    sender_id: UUID | None = None
    chats: tuple[str, ...] = ()
    flags: str = ""
    after_us: int | None = None
    before_us: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == Query()

    @property
    def is_too_short(self) -> bool:
        """Words, and none that could be looked for; a filter alone is enough."""
        return bool(self.terms) and replace(self, terms=()).is_empty and not any(map(_is_enough, self.terms))


class Filters(NamedTuple):
    """Those that a program gives one by one; as texts, since they are read like those in the query."""

    sender: UUID | None = None
    after: str = ""
    before: str = ""
    has: str = ""


NO_FILTERS = Filters()


def parse(text: str, filters: Filters = NO_FILTERS) -> Query:
    """Raises Invalid."""
    if len(text) > QUERY_LIMIT or "\0" in text:
        raise _wrong(_("At most 200 characters."))
    reading = _Reading(sender_id=filters.sender)
    for name in ("after", "before", "has"):
        if value := getattr(filters, name):
            reading.take(name, value, field=name)
    for part in PART.finditer(text):
        value = fold(part["phrase"] if part["word"] is None else part["word"])
        if value:
            reading.take((part["key"] or "").lower(), value, field="q")
    query = reading.query()
    if len(query.terms) > TERMS_LIMIT:
        raise _wrong(_("At most ten words."))
    if query.is_empty or query.is_too_short:
        raise _wrong(_("Type at least two letters."))
    return query


@dataclass
class _Reading:
    lists: dict[str, list[str]] = dataclass_field(default_factory=lambda: {"": [], "from": [], "in": []})
    sender_id: UUID | None = None
    flags: set[str] = dataclass_field(default_factory=set)
    after_us: int | None = None
    before_us: int | None = None

    def take(self, key: str, value: str, *, field: str) -> None:
        """Raises Invalid, of that field."""
        if key == "has":
            self.flags.add(_flag(value, field))
        elif key == "after":
            self.after_us = max(_day(value, field), self.after_us or 0)
        elif key == "before":
            day = _day(value, field)
            self.before_us = day if self.before_us is None else min(day, self.before_us)
        else:
            self.lists[key].append(value)

    def query(self) -> Query:
        terms, senders, chats = (tuple(dict.fromkeys(self.lists[key])) for key in ("", "from", "in"))
        return Query(terms, senders, self.sender_id, chats, "".join(sorted(self.flags)), self.after_us, self.before_us)


def _is_enough(term: str) -> bool:
    return len(term) >= 2 or bool(ONE_SIGN_WORD.match(term)) or unicodedata.category(term) == "So"  # an emoji


def _flag(value: str, field: str) -> str:
    if value not in FLAGS:
        raise _wrong(_("After has: stands link, file, image or mention."), field)
    return FLAGS[value]


def _day(value: str, field: str) -> int:
    """The first moment of that day, in UTC."""
    try:
        return microseconds(dt.datetime.combine(dt.date.fromisoformat(value), dt.time(), dt.UTC))
    except ValueError as problem:
        raise _wrong(_("A day is written like 2026-11-26."), field) from problem


def _wrong(problem: str, field: str = "q") -> Invalid:
    return Invalid(fields={field: [problem]})
