"""Somebody's text as safe HTML: escaped first and last, with its web addresses as links."""

import re
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

# The page's script finds links by the same rules (static/js/links.js). A scheme is demanded: guessing at bare domains
# makes links of file names. Marks that turn the reading direction end an address, or it could look like another one.
ADDRESS = re.compile(
    "\\bhttps?://[^\\s<>\"'`{}|\\\\^\\x00-\\x1f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
TRAILING = ".,:;!?…»”’"
BRACKETS = {")": "(", "]": "["}
PREVIEW_LENGTH = 120


def linked(text: str) -> SafeString:
    pieces: list[str] = []
    end = 0
    for match in ADDRESS.finditer(text):
        address = _without_tail(match[0])
        if not _is_plain_web_address(address):
            continue
        pieces += [escape(text[end : match.start()]), _link(address)]
        end = match.start() + len(address)
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308  # every piece was escaped just above


def preview(text: str) -> str:
    """One line of a message."""
    return " ".join(text[: 2 * PREVIEW_LENGTH].split())[:PREVIEW_LENGTH]


def initial(name: str) -> str:
    """What an avatar shows: the first letter or digit, else the first character."""
    return next((character for character in name if character.isalnum()), name[:1])


def _link(address: str) -> SafeString:
    # The other site learns nothing of this chat and gets no hold on its window.
    return format_html('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>', address, address)


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


def _is_plain_web_address(address: str) -> bool:
    """`user@host` makes one host look like another."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
