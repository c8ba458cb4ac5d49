"""Cuts from what a browser says of an error everything that may be somebody's: secrets, names, words, addresses."""

import re
from collections.abc import Callable

from abdre.redaction import without_tokens

GONE = "***"

# Engines quote what they could not read as JSON: the words of a message, for one.
_JSON = re.compile(r"Unexpected token.*is not valid JSON|JSON Parse error:.*", re.DOTALL)
_BEARER = re.compile(r"\bbearer\s+\S+", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]+(?:\.[\w-]+)*")
_ORIGIN = re.compile(r"\b(?:https?|wss?)://[^/\s\"')]*")
_WORD = re.compile(r"[^\s\"'()<>]+")
_PLACE = re.compile(r"(?::\d+){1,2}$")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
# A token's letters look random; of names so long few hold a digit, and hardly any is longer than that.
_TOKEN = re.compile(r"(?<![\w-])(?:(?=[\w-]*\d)[\w-]{20,}|[\w-]{32,}|[0-9a-fA-F]{16,})(?![\w-])")
_NUMBER = re.compile(r"\+?\d(?:[ .()-]{0,2}\d){6,}")
_QUOTED = re.compile(r"(?<!\w)(?:\"[^\"]*\"|'[^']*'|`[^`]*`|“[^”]*”)(?!\w)")
# Of what stands in quotes: a name of the code's, or a mark that was not expected.
_NAME = re.compile(r".(?:[\w.?$#-]{1,40}|[!-/:-@\[-`{-~]{1,3}).", re.ASCII)
_LINE_AND_COLUMN = re.compile(r":\d+:\d+\)?$")

_RULES: tuple[Callable[[str], str], ...] = (
    lambda text: _JSON.sub("invalid JSON", text),
    lambda text: _BEARER.sub(GONE, _JWT.sub(GONE, text)),
    lambda text: _ORIGIN.sub("", text),
    without_tokens,
    lambda text: _WORD.sub(lambda word: _without_query(word[0]), text),
    lambda text: _EMAIL.sub(GONE, text),
    lambda text: _UUID.sub(":id", text),
    lambda text: _TOKEN.sub(GONE, text),
    lambda text: _NUMBER.sub(GONE, text),
    lambda text: _QUOTED.sub(lambda words: words[0] if _NAME.fullmatch(words[0]) else "…", text),
)


def scrub(text: str) -> str:
    """`text` without what it must not hold. Errs on the side of cutting too much."""
    for rule in _RULES:
        text = rule(text)
    return text.strip()


def scrub_stack(stack: str) -> str:
    """The places of a stack, one a line; its other lines repeat the message."""
    return "\n".join(scrub(line) for line in stack.splitlines() if _names_a_place(line.strip()))


def _names_a_place(line: str) -> bool:
    return "/" in line.rpartition(" ")[2] and _LINE_AND_COLUMN.search(line) is not None


def _without_query(word: str) -> str:
    """An address without `?…` and `#…`; the line and column behind it stay."""
    path = re.split(r"[?#]", word, maxsplit=1)[0]
    if path == word or "/" not in path:
        return word
    place = _PLACE.search(word)
    return path + (place[0] if place else "")
