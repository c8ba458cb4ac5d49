"""Reading from a replica, which may be behind: only where it is known to have what is asked for."""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from psycopg_pool import PoolTimeout

from abdre.db import snapshot, sweep_pool

T = TypeVar("T")

log = logging.getLogger(__name__)

REPLICA = "replica"
# So long the primary alone is asked after the replica did not answer.
REST_S = 5.0

_alias: ContextVar[str] = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)
_rests_until = 0.0


class Router:
    """Questions go where `nearby` says; in all other places to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return _alias.get()


def reading() -> Any:
    """The connection that questions by hand are asked on."""
    return connections[_alias.get()]


def nearby(read: Callable[[], T], *, is_there: Callable[[], bool]) -> T:
    """`read` from the replica where `is_there` says, in the same snapshot, that it has what is asked for; else from the
    primary, as without a replica. Rights are read before, and there."""
    global _rests_until
    if not settings.HAS_REPLICA or connection.in_atomic_block or time.monotonic() < _rests_until:
        return read()
    token = _alias.set(REPLICA)
    try:
        with snapshot(REPLICA):
            if is_there():
                return read()
    except (DatabaseError, PoolTimeout):  # away, or in the way of what it has to replay
        log.warning("replica not read", exc_info=True)
        _rests_until = time.monotonic() + REST_S
        connections[REPLICA].close()
        sweep_pool(REPLICA)
    finally:
        _alias.reset(token)
    return read()
