"""All checks in their order, as far as this role has what they look at."""

import os
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core import checks

from abdre.doctor import clock, database, environment, keys, mail, origin, redis_server, replica, storage, upstreams
from abdre.doctor.findings import Finding, Level

# The worker keeps the pictures of link cards, and deletes those of accounts.
WRITES_FILES = ("user", "chat", "worker", "all-in-one")

Look = Callable[[], Iterator[Finding]]


def all_looks(*, send_to: str = "") -> dict[str, Look]:
    """By what they look at."""
    looks: dict[str, Look] = {
        "environment": lambda: environment.look(os.environ),
        "settings": _system_checks,
        "keys": keys.look,
        "origin": origin.look,
    }
    if settings.REDIS_URL:
        looks |= {"redis": redis_server.look}
    if settings.HAS_DATABASE:
        looks |= {"database": database.look, "migrations": database.migrations}
        looks |= {"clock against the database's": clock.database}
    if settings.HAS_DATABASE and settings.HAS_REPLICA:
        looks |= {"replica": replica.look}
    if settings.REDIS_URL:
        looks |= {"clock against Redis'": clock.store}
    if settings.ROLE in WRITES_FILES and not settings.OWNS_TABLES:
        looks |= {"storage": storage.look}
    if settings.HAS_DATABASE and settings.DOES_JOBS:
        looks |= {"mail": lambda: mail.look(send_to)}
    if not settings.HAS_DATABASE:
        looks |= {"upstreams": upstreams.look}
    return looks


def found(looks: dict[str, Look]) -> Iterator[Finding]:
    """What the database is asked for is left out where it cannot be reached."""
    unreachable = False
    for name, look in looks.items():
        if unreachable and name in ("migrations", "clock against the database's", "replica"):
            continue
        try:
            yield from look()
        except database.Unreachable as problem:
            unreachable = True
            yield problem.finding
        except Exception as problem:  # noqa: BLE001  # the outermost loop: one broken check must not hide the others
            what = f"could not be looked at: {type(problem).__name__}: {problem}"
            yield Finding(name, "wrong", what, "Put it right, or tell whoever makes ABDRE Chat")


def _system_checks() -> Iterator[Finding]:
    for told in checks.run_checks():
        if not told.is_silenced() and (told.is_serious() or (told.id or "").startswith("abdre.")):
            level: Level = "wrong" if told.is_serious() else "note"
            do = str(told.hint or "See the documentation").rstrip(".")
            yield Finding("settings", level, str(told.msg).rstrip("."), do)
