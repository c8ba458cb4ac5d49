"""About where a network is, in words: "Almaty, Kazakhstan", if the operator gave a database that says so."""

import ipaddress
from functools import cache
from typing import Any

import maxminddb
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language


@cache
def database() -> maxminddb.Reader | None:
    """Opened once; a newer file is read after a restart. Raises ImproperlyConfigured with the variable's name."""
    if not settings.GEOIP_DATABASE:
        return None
    try:
        return maxminddb.open_database(settings.GEOIP_DATABASE)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as problem:
        raise ImproperlyConfigured(f"ABDRE_GEOIP_DATABASE: {problem}") from problem


def place_of(address: str) -> str:
    """City and country of a network's prefix, whichever are known; else the empty string."""
    found = _look_up(address)
    names = [_name(found.get(part)) for part in ("city", "country")]
    return ", ".join(name for name in names if name)


def _look_up(address: str) -> dict[str, Any]:
    reader = database()
    if reader is None:
        return {}
    try:
        found = reader.get(str(ipaddress.ip_network(address).network_address))
    except ValueError:  # no address at all, or of a kind that this database does not hold
        return {}
    return found if isinstance(found, dict) else {}


def _name(part: Any) -> str:
    """In the reader's language where the database has it."""
    names = part.get("names", {}) if isinstance(part, dict) else {}
    return str(names.get(get_language()) or names.get("en") or "")
