"""Where a person may be sent on to: whoever makes a link must not choose where it ends."""

from urllib.parse import urlencode

from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/chats"


def own_path(wished: str | None) -> str:
    """`wished` if it is a path of this site, else the list of chats."""
    return wished if wished and _is_own(wished) else HOME


def welcome_back(next_path: str) -> str:
    """Where who has just logged in is told a word on their account first, and goes on from there."""
    return f"/welcome-back?{urlencode({'next': next_path})}"


def _is_own(target: str) -> bool:
    # Browsers read "\" as "/" and drop tabs and line breaks, so that "/\t/host" is another site to them.
    has_oddities = "\\" in target or any(ord(character) < 33 for character in target)
    is_path = target.startswith("/") and not target.startswith("//") and not has_oddities
    return is_path and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
