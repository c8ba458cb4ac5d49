"""Rate limits: so many of one thing, by one subject, in a window; and how an answer tells of them."""

import hashlib
import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest

from abdre.errors import TooMany
from abdre.store import StoreAway, store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quota:
    """What one limit has left for one subject."""

    name: str
    limit: int
    window_s: int
    count: int
    left_s: int

    @property
    def is_over(self) -> bool:
        return self.count > self.limit

    def check(self) -> None:
        """Raises TooMany past the limit."""
        if self.is_over:
            raise TooMany(retry_after_s=self.left_s)


_told: ContextVar[list[Quota] | None] = ContextVar("told", default=None)


def unreadable(subject: str) -> str:
    """For what must stand in no key of the store: an address, or what may be a password in the wrong field."""
    return hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()


def count(name: str, subject: str, *, limit: int, window_s: int) -> Quota | None:
    """Count one `name` by `subject`, and tell nobody; None while the store is away."""
    try:
        hit = store.hit(f"limit:{name}:{subject}", window_s=window_s)
    except StoreAway:
        log.warning("limit not counted", extra={"limit": name})
        return None
    return Quota(name, limit, window_s, hit.times, hit.left_s)


def limit(name: str, subject: str, *, limit: int, window_s: int) -> None:
    """Count one `name` by `subject`; the answer tells what is left. Raises TooMany past the limit.

    While the store is away nothing is refused: a limit protects against abuse, and must not end the service.
    """
    quota = count(name, subject, limit=limit, window_s=window_s)
    if quota is None:
        return
    told = _told.get()
    if told is not None:
        told.append(quota)
    quota.check()


@contextmanager
def collected() -> Iterator[list[Quota]]:
    """What is counted inside, for the answer's headers."""
    quotas: list[Quota] = []
    mark = _told.set(quotas)
    try:
        yield quotas
    finally:
        _told.reset(mark)


def headers_of(quotas: list[Quota]) -> dict[str, str]:
    """Source: draft-ietf-httpapi-ratelimit-headers-10, "RateLimit header fields for HTTP"."""
    if not quotas:
        return {}
    policies = (f'"{quota.name}";q={quota.limit};w={quota.window_s}' for quota in quotas)
    states = (f'"{quota.name}";r={max(0, quota.limit - quota.count)};t={quota.left_s}' for quota in quotas)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


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
    # A door that listens for both kinds names those of the older one so, and all of them would be one household.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 56), strict=False))
