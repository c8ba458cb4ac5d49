"""Somebody's text as safe HTML: escaped first and last, with its web addresses as links."""

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from abdre.links import REL, addresses

PREVIEW_LENGTH = 120


def linked(text: str) -> SafeString:
    pieces: list[str] = []
    end = 0
    for start, address in addresses(text):
        pieces += [escape(text[end:start]), _link(address)]
        end = start + len(address)
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308  # every piece was escaped just above


def sanitised(html: str) -> SafeString:
    """A message's Markdown, as the chat service keeps it: nh3 left nothing in it but text marks and links.

    The only place where HTML that a page did not make itself is taken for safe. What came over the wire from a service
    is as safe as that service; should it ever not be, the policy of every page still lets no script in it run.
    """
    return mark_safe(html)  # noqa: S308  # sanitised by chat_svc.markdown, for which each payload has a test


def preview(text: str) -> str:
    """One line of a message."""
    return " ".join(text[: 2 * PREVIEW_LENGTH].split())[:PREVIEW_LENGTH]


def initial(name: str) -> str:
    """What an avatar shows: the first letter or digit, else the first character."""
    return next((character for character in name if character.isalnum()), name[:1])


def _link(address: str) -> SafeString:
    return format_html('<a href="{}" target="_blank" rel="{}">{}</a>', address, REL, address)
