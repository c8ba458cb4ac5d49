"""What of a message a list of hits shows, and which parts of it were looked for."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypedDict

from chat_svc.models.search import shown

LENGTH = 240
LEAD = 60  # signs before the first hit


class Segment(TypedDict):
    text: str
    is_hit: bool


def segments(said: str, terms: Sequence[str]) -> list[Segment]:
    """Texts that follow one another; never mark-up."""
    text = shown(said)
    marks = _marks(text, terms)
    first = marks.index(True) if True in marks else 0
    start = max(0, first - LEAD) if len(text) > LENGTH else 0
    end = start + LENGTH
    parts = _parts(text[start:end], marks[start:end])
    if start:
        parts.insert(0, {"text": "…", "is_hit": False})
    if end < len(text):
        parts.append({"text": "…", "is_hit": False})
    return parts


def _parts(text: str, marks: Sequence[bool]) -> list[Segment]:
    signs = groupby(zip(text, marks, strict=True), key=lambda pair: pair[1])
    return [{"text": "".join(sign for sign, _mark in group), "is_hit": is_hit} for is_hit, group in signs]


def _marks(text: str, terms: Sequence[str]) -> list[bool]:
    """For each sign of the text, whether it is part of a hit. Folded, one sign may have become several."""
    owners = [place for place, sign in enumerate(text) for _ in sign.casefold()]
    folded, marks = text.casefold(), [False] * len(text)
    for term in terms:
        for start in _occurrences(folded, term):
            for place in owners[start : start + len(term)]:
                marks[place] = True
    return marks


def _occurrences(folded: str, term: str) -> Iterator[int]:
    start = folded.find(term)
    while start >= 0:
        yield start
        start = folded.find(term, start + len(term))
