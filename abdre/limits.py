"""Rate limits: so many of one thing, by one subject, in a window."""

import ipaddress
import logging
from contextlib import suppress

from django.http import HttpRequest

from abdre.errors import TooMany
from abdre.store import StoreAway, store

log = logging.getLogger(__name__)


def limit(name: str, subject: str, *, limit: int, window_s: int) -> None:
    """Count one `name` by `subject`. Raises TooMany past the limit.

    While the store is away nothing is refused: a limit protects against abuse, and must not end the service.
    """
    try:
        wait_s = store.hit(f"limit:{name}:{subject}", limit=limit, window_s=window_s)
    except StoreAway:
        log.warning("limit not counted", extra={"limit": name})
        return
    if wait_s:
        raise TooMany(retry_after_s=wait_s)


def forget(name: str, subject: str) -> None:
    """Count from nothing again: what looked like guessing was not."""
    with suppress(StoreAway):
        store.delete(f"limit:{name}:{subject}")


def address_prefix(request: HttpRequest) -> str:
    """The client's /24 (IPv4) or /56 (IPv6): what one household or café has."""
    return prefix_of(request.META.get("REMOTE_ADDR", ""))


def prefix_of(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 56), strict=False))
