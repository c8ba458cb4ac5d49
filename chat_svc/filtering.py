"""Words and patterns that somebody may not say: found in a text, and made unreadable in it.

By RE2, which takes a time in proportion to the text, whatever the pattern: none that somebody writes down can stop the
writer. Words are compared as they read, not as they are typed: without case, and after Unicode's NFKC.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice
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
# What is longer than this when it is folded is judged as a whole, for one character may become 18 (ﷺ). No language
# makes a quarter more of the longest message.
FOLDED_LIMIT = 10_000
# A text of which more is to be masked is masked as a whole: each place is one more walk through all of it.
PLACES_LIMIT = 100
# Marks on one letter; Unicode's stream-safe texts have no more, and NFKC takes the square of their number.
MARKS_LIMIT = 30
MASK = "•"
MASK_LENGTH = 3
# RE2's own \b and \w know ASCII only.
LETTER = r"\pL\pN\pM_"
A_LETTER = re2.compile(f"[{LETTER}]")
# The two that NFKC makes marks are letters until then.
MARKS = r"[\pM\x{FF9E}\x{FF9F}]"
TOO_MANY_MARKS = re2.compile(f"({MARKS}{{{MARKS_LIMIT}}}){MARKS}+")


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
        """Raises BadRule."""
        return _compiled(self.source, RULE_BYTES)

    @property
    def is_word(self) -> bool:
        return self.kind == FilterKind.WORD

    def is_in(self, seen: str) -> bool:
        """Of most words it can be told at once that they are not."""
        if not self.is_word:
            return self.compiled.search(seen) is not None
        return all(word in seen for word in self.words) and any(True for _ in self.places(seen))

    def places(self, seen: str) -> Iterator[tuple[int, int]]:
        at = 0
        while at <= len(seen) and (place := self._next(seen, at)) is not None:
            start, stop = place
            is_found = stop > start and (not self.is_word or _is_alone(seen, start, stop))
            if is_found:
                yield place
            at = stop if is_found else start + 1

    def _next(self, seen: str, at: int) -> tuple[int, int] | None:
        """Whatever stands around it. A word is found without RE2, whose every search goes over the whole text."""
        if self.is_word:
            start = seen.find(self.words[0], at)
            return None if start < 0 else (start, self._end(seen, start))
        found = self.compiled.search(seen, at)
        return None if found is None else found.span()

    def _end(self, seen: str, start: int) -> int:
        """Behind its last word, with any space between them; `start`, where they are not all there."""
        at = start + len(self.words[0])
        for word in self.words[1:]:
            gap = at
            while at < len(seen) and seen[at].isspace():
                at += 1
            if at == gap or not seen.startswith(word, at):
                return start
            at += len(word)
        return at


class Verdict(NamedTuple):
    """`body`: what is said instead; `rules`: all that hold, the deciding one first."""

    action: FilterAction | None
    body: str
    rules: tuple[Rule, ...] = ()


class Rules:
    """All that hold at one time, and a program for the words and one for the patterns, asked of every text."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Raises BadRule: together they may be too many."""
        self._rules = sorted(rules, key=lambda rule: STRENGTH[rule.action], reverse=True)
        words = "|".join(rule.source for rule in rules if rule.is_word)
        patterns = "|".join(rule.source for rule in rules if not rule.is_word)
        self._programs = [
            *([_compiled(_alone(f"(?:{words})"), WORDS_BYTES)] if words else []),
            *([_patterns(patterns)] if patterns else []),
        ]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def judged(self, text: str, is_guest: Callable[[], bool]) -> Verdict:
        """`is_guest` is asked only where it may matter."""
        if not self._programs:
            return Verdict(None, text)
        seen = folded(text)
        if len(seen) > FOLDED_LIMIT:
            return _of_unreadable(text, next(self._binding(is_guest), None))
        if not any(program.search(seen) for program in self._programs):
            return Verdict(None, text)
        found = (rule for rule in self._binding(is_guest) if rule.is_in(seen))
        return _verdict(text, tuple(islice(found, PLACES_LIMIT + 1)))

    def _binding(self, is_guest: Callable[[], bool]) -> Iterator[Rule]:
        """The strongest first."""
        is_guests = any(rule.guests_only for rule in self._rules) and is_guest()
        return (rule for rule in self._rules if is_guests or not rule.guests_only)


def _of_unreadable(text: str, strongest: Rule | None) -> Verdict:
    """Nobody wrote it to be read: as if it had what the strongest rule looks for, everywhere."""
    if strongest is None:
        return Verdict(None, text)
    body = _all_masked(text) if strongest.action == FilterAction.MASK else text
    return Verdict(strongest.action, body, (strongest,))


def _verdict(text: str, found: tuple[Rule, ...]) -> Verdict:
    """`found`: the strongest first."""
    if not found:
        return Verdict(None, text)
    masks = [rule for rule in found if rule.action == FilterAction.MASK]
    return Verdict(found[0].action, masked(text, masks), found)


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
        if found is not None and found.start() == found.end():
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


def _is_alone(seen: str, start: int, stop: int) -> bool:
    return not (start > 0 and _is_letter(seen[start - 1])) and not (stop < len(seen) and _is_letter(seen[stop]))


@lru_cache(maxsize=1_000)
def _is_letter(char: str) -> bool:
    return A_LETTER.search(char) is not None


def folded(text: str) -> str:
    if len(text) > MARKS_LIMIT:
        text = TOO_MANY_MARKS.sub(r"\1", text)
    return unicodedata.normalize("NFKC", text).casefold()


def masked(text: str, rules: Sequence[Rule]) -> str:
    """Each place that one of them finds becomes •••, and no longer than it was: a message has an end."""
    if not rules:
        return text
    seen, places = _mapped(text)
    all_spans = (span for rule in rules for span in rule.places(seen))
    spans = sorted(islice(all_spans, PLACES_LIMIT + 1))
    # Found in the whole, and in no part that can be told apart; or in too many.
    if not 1 <= len(spans) <= PLACES_LIMIT:
        return _all_masked(text)
    said, at = "", 0
    for begin, end in ((places[start], places[stop]) for start, stop in spans):
        if end > at:
            said += text[at : max(begin, at)] + (MASK * min(MASK_LENGTH, end - begin) if begin >= at else "")
            at = end
    return said + text[at:]


def _all_masked(text: str) -> str:
    return MASK * min(MASK_LENGTH, len(text))


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
