"""What opens something is cut from every text before it is written: tokens, passwords, cookies, whatever brought them.

Nothing of ours writes them. But an exception quotes the value it did not like, a driver the row it could not store, and
a library the address it could not reach.
"""

import re
from typing import Any

# A token is a key to a chat or an account; it stands in a path. Encoded: the way back in the login's own address.
_IN_PATH = re.compile(
    r"((?:/|%2F)(?:join|hooks|device|recover|verify|(?<!/api/auth/password/)reset)(?:/|%2F))[^/\s?&\"']+", re.IGNORECASE
)
# Each keeps its first group.
_RULES = (
    # `Authorization: Bearer …`, and the subprotocol by which browsers bring a token to a socket.
    re.compile(r"(\b(?:bearer|basic)[ .]+)[\w.~+/=-]+", re.IGNORECASE),
    re.compile(r"(\bcookie['\"]?\s*[=:,]\s*[b'\"]*)[^'\"\n]+", re.IGNORECASE),
    # In a form, a repr or a JSON text, by the last word of its name: quoted, or up to what ends it.
    re.compile(
        r"((?:passw(?:or)?d|passphrase|secret|token|authorization|signature|api_?key|secret_?key|private_?key|sessionid"
        r"|csrf\w*)['\"]?\s*(?:=|:|%3D)\s*b?)(?:'[^']*'|\"[^\"]*\"|[^\s&,;(){}'\"\[\]<>]+)",
        re.IGNORECASE,
    ),
    # All that a query says: links open things by parameters of any name.
    re.compile(r"([/\w]\?)[\w.~-]+=[^\s'\"<>)]*"),
    re.compile(r"(\w://[^\s/:@'\"]*:)[^\s/@'\"]+(?=@)"),
    # What PostgreSQL tells of a row: a hash, a name, a body.
    re.compile(r"(Failing row contains \(|Key \([^)\n]*\)=\(|JSON data, line \d+: )[^\n]+"),
    re.compile(r"(\b)eyJ[\w-]+(?:\.[\w-]+)*"),
    # Tokens of ours wherever they stand: longer than any word, with large and small letters and digits. The ids of
    # people and requests have small ones only.
    re.compile(r"((?<![\w-]))(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{32,}"),
)
SHORT = 8


def without_tokens(text: str) -> str:
    """Cut what stands in paths."""
    return _IN_PATH.sub(r"\1***", text)


def without_secrets(value: Any) -> Any:
    """Cut all of it from a text, and from the texts in a list or a dict."""
    if isinstance(value, str):
        return _cut(value) if len(value) >= SHORT else value
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, dict):
        return {name: without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(one) for one in value]
    return _cut(repr(value))


def _cut(text: str) -> str:
    text = without_tokens(text)
    if _may_hold_more(text):
        for rule in _RULES:
            text = rule.sub(r"\1***", text)
    return text


def _may_hold_more(text: str) -> bool:
    """Most texts do not (the path of a request), and each rule would read all of it."""
    small = text.lower()
    return small != text or any(sign in small for sign in ("=", ":", "?", "bearer", "basic", "cookie"))
