"""The address that people see, and who is believed about where they come from."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from abdre.doctor.findings import Finding

CHECK = "origin"
FACES_THE_OUTSIDE = ("gateway", "all-in-one")


def look() -> Iterator[Finding]:
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname or ""
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        yield Finding(
            CHECK,
            "wrong",
            f"ABDRE_PUBLIC_ORIGIN is at {host}, which ABDRE_ALLOWED_HOSTS does not name: every request is refused",
            f"Add {host} to ABDRE_ALLOWED_HOSTS, or take that away",
        )
    if host and not settings.SECURE_ORIGIN and not _is_local(host):
        yield Finding(
            CHECK,
            "note",
            f"{settings.PUBLIC_ORIGIN} is not encrypted: everybody on the way can read along",
            "Put a proxy with TLS before it, and an https:// address into ABDRE_PUBLIC_ORIGIN",
        )
    if settings.DEBUG and not _is_local(host or "localhost"):
        yield Finding(CHECK, "wrong", "DEBUG is on where others can reach it", "Take DEBUG away")
    yield from _proxies()


def _proxies() -> Iterator[Finding]:
    if settings.TRUSTED_PROXIES:
        return
    if settings.ROLE not in FACES_THE_OUTSIDE:
        what = "ABDRE_TRUSTED_PROXIES is 0, so everybody seems to come from the gateway and shares its limits"
        yield Finding(CHECK, "wrong", what, "Set it to 1: the gateway stands before this role")
    elif settings.SECURE_ORIGIN:
        what = "The origin is https and ABDRE_TRUSTED_PROXIES is 0, so everybody seems to come from the proxy with TLS"
        yield Finding(CHECK, "wrong", what, "Set it to how many proxies stand before this role, mostly 1")


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".test")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
