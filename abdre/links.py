"""Web addresses in text: where they begin and end, and which are plain enough to be links."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

# The page's script finds links by the same rules (static/js/links.js). A scheme is demanded: guessing at bare domains
# makes links of file names. Marks that turn the reading direction end an address, or it could look like another one.
ADDRESS = re.compile(
    "\\bhttps?://[^\\s<>\"'`{}|\\\\^\\x00-\\x1f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
TRAILING = ".,:;!?…»”’"
BRACKETS = {")": "(", "]": "["}
# The other site learns nothing of this chat and gets no hold on its window.
REL = "noopener noreferrer nofollow"


def addresses(text: str) -> Iterator[tuple[int, str]]:
    """Where each begins, and what it is."""
    for match in ADDRESS.finditer(text):
        address = _without_tail(match[0])
        if is_plain_web_address(address):
            yield match.start(), address


def address_at(text: str, start: int) -> str:
    """The one that begins there, or nothing."""
    match = ADDRESS.match(text, start)
    address = _without_tail(match[0]) if match else ""
    return address if is_plain_web_address(address) else ""


def is_plain_web_address(address: str) -> bool:
    """`user@host` makes one host look like another."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _without_tail(address: str) -> str:
    """The punctuation after an address belongs to the sentence, and so does a bracket that was opened before it.

    Counted once and cut once: an address may be as long as a message, and all of it brackets.
    """
    surplus = {closing: address.count(closing) - address.count(opening) for closing, opening in BRACKETS.items()}
    end = len(address)
    while address[end - 1] in TRAILING or surplus.get(address[end - 1], 0) > 0:
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return address[:end]
