"""Words and patterns that somebody may not say: found in a text, and made unreadable in it.

By RE2, which takes a time in proportion to the text, whatever the pattern: none that somebody writes down can stop the
writer. Words are compared as they read, not as they are typed: without case, and after Unicode's NFKC.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import re2

TEXT_LIMIT = 200
RULES_LIMIT = 500
PATTERNS_LIMIT = 100
# What one rule may become as a program, and all words together; RE2 refuses what is larger.
RULE_BYTES = 1 << 18
WORDS_BYTES = PATTERNS_BYTES = 1 << 24
# Steps of all patterns together: the most crooked ones of that size take some 40 ms for 8,000 characters.
PATTERN_STEPS = 10_000
MASK = "•"
MASK_LENGTH = 3
# RE2's own \b and \w know ASCII only.
LETTER = r"\pL\pN\pM_"


class FilterKind(StrEnum):
    WORD = "word"
    PATTERN = "pattern"


class FilterAction(StrEnum):
    MASK = "mask"  # it becomes ••• for everybody
    HOLD = "hold"  # the message waits until staff lets it through
    REFUSE = "refuse"


# Of several rules, what the strongest says is done.
STRENGTH = {None: 0, FilterAction.MASK: 1, FilterAction.HOLD: 2, FilterAction.REFUSE: 3}


class BadRule(ValueError):
    """RE2 does not take it; the text says why."""


@dataclass(frozen=True)
class Rule:
    id: UUID
    kind: FilterKind
    text: str
    action: FilterAction
    guests_only: bool = False

    @cached_property
    def words(self) -> list[str]:
        return folded(self.text).split()

    @property
    def source(self) -> str:
        """As RE2 reads it, without what must stand around a word."""
        if self.kind == FilterKind.PATTERN:
            return f"(?i:{unicodedata.normalize('NFKC', self.text)})"
        return r"[\s\pZ]+".join(re2.escape(word) for word in self.words)

    @cached_property
    def compiled(self) -> Any:
        """What is found is its first group. Raises BadRule."""
        return _compiled(_alone(f"({self.source})") if self.is_word else f"({self.source})", RULE_BYTES)

    @property
    def is_word(self) -> bool:
        return self.kind == FilterKind.WORD

    def is_in(self, seen: str) -> bool:
        """Of most words it can be told at once that they are not, before anything is compiled."""
        if self.is_word and not all(word in seen for word in self.words):
            return False
        return self.compiled.search(seen) is not None


class Verdict(NamedTuple):
    """`body`: what is said instead; `rules`: all that hold, the deciding one first."""

    action: FilterAction | None
    body: str
    rules: tuple[Rule, ...] = ()


class Rules:
    """All that hold at one time, and a program for the words and one for the patterns, asked of every text."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Raises BadRule: together they may be too many."""
        self._rules = tuple(rules)
        words = "|".join(rule.source for rule in rules if rule.is_word)
        patterns = "|".join(rule.source for rule in rules if not rule.is_word)
        self._programs = [
            *([_compiled(_alone(f"(?:{words})"), WORDS_BYTES)] if words else []),
            *([_patterns(patterns)] if patterns else []),
        ]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def judged(self, text: str, is_guest: Callable[[], bool]) -> Verdict:
        """`is_guest` is asked only where it matters."""
        if not self._programs:
            return Verdict(None, text)
        seen = folded(text)
        if not any(program.search(seen) for program in self._programs):
            return Verdict(None, text)
        found = [rule for rule in self._rules if rule.is_in(seen)]
        if any(rule.guests_only for rule in found) and not is_guest():
            found = [rule for rule in found if not rule.guests_only]
        return _verdict(text, found)


def _verdict(text: str, found: Sequence[Rule]) -> Verdict:
    by_strength = sorted(found, key=lambda rule: STRENGTH[rule.action], reverse=True)
    if not by_strength:
        return Verdict(None, text)
    masks = [rule for rule in found if rule.action == FilterAction.MASK]
    return Verdict(by_strength[0].action, masked(text, masks), tuple(by_strength))


def check_rule(rule: Rule) -> None:
    """Raises BadRule."""
    if not rule.text.strip() or not folded(rule.text).strip():
        raise BadRule("empty")
    if not rule.is_word:
        _compiled(rule.text, RULE_BYTES)  # as it was written: brackets that close ours are an error, too
    compiled = rule.compiled
    # `x*` and `^` are found in everything that anybody says. RE2 cannot tell by the pattern, so it is tried.
    for sample in ("", "a", "a b", " ", "1.", "ә"):
        found = compiled.search(sample)
        if found is not None and found.start(1) == found.end(1):
            raise BadRule("matches nothing at all")


def _patterns(source: str) -> Any:
    """Raises BadRule."""
    program = _compiled(source, PATTERNS_BYTES)
    if program.programsize > PATTERN_STEPS:
        raise BadRule("too many and too large patterns together")
    return program


def _alone(source: str) -> str:
    """With no letter before it, and none after it."""
    return rf"(?:^|[^{LETTER}]){source}(?:$|[^{LETTER}])"


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def masked(text: str, rules: Sequence[Rule]) -> str:
    """Each place that one of them finds becomes •••, and no longer than it was: a message has an end."""
    if not rules:
        return text
    seen, places = _mapped(text)
    spans = sorted(span for rule in rules for span in _spans(rule, seen))
    if not spans:  # found in the whole, and in no part that can be told apart: all of it goes
        return MASK * min(MASK_LENGTH, len(text))
    said, at = "", 0
    for begin, end in ((places[start], places[stop]) for start, stop in spans):
        if end > at:
            said += text[at : max(begin, at)] + (MASK * min(MASK_LENGTH, end - begin) if begin >= at else "")
            at = end
    return said + text[at:]


def _spans(rule: Rule, seen: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at <= len(seen) and (found := rule.compiled.search(seen, at)) is not None:
        start, stop = found.span(1)
        if stop > start:
            yield start, stop
        # The end of one word may be the space before the next, so the search goes on from the word itself.
        at = max(stop, at + 1)


def _mapped(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each place in it where that stands in `text`; one place more for the end."""
    pieces: list[str] = []
    places: list[int] = []
    for begin, end in _clusters(text):
        piece = folded(text[begin:end])
        pieces.append(piece)
        # What became several characters (ﬁ, ß) is one still: whoever finds a part of it has found all.
        places += [begin] * len(piece)
    return "".join(pieces), [*places, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """A character with the marks upon it: NFKC makes them one."""
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            if at > begin:
                yield begin, at
            begin = at


def _compiled(source: str, limit_bytes: int) -> Any:
    options = re2.Options()
    options.max_mem = limit_bytes
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as problem:
        raise BadRule(_told(problem)) from problem


def _told(problem: Exception) -> str:
    """RE2's own words, which come as bytes."""
    first = problem.args[0] if problem.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)
