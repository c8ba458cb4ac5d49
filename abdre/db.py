"""The one way from the event loop to the ORM."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import SyncToAsync
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)

P = ParamSpec("P")
R = TypeVar("R")

# Channels' own helper runs everything on one thread per process: twenty calls of 50 ms took a second there.
WORKERS = 8
_threads = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="db")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `function` on a database thread and give its connection back afterwards."""

    def call() -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        except OperationalError:
            sweep_pool()
            raise
        finally:
            close_connections()

    result: R = await SyncToAsync(call, thread_sensitive=False, executor=_threads)()
    return result


def close_connections() -> None:
    """Give this thread's connections back (to the pool on PostgreSQL)."""
    for opened in connections.all(initialized_only=True):
        if not opened.in_atomic_block:
            opened.close()


def by_a_live_connection(ask: Callable[[], R]) -> R:
    """Asked once more where the connection has died since its last use: one only finds out by asking."""
    try:
        return ask()
    except DatabaseError:
        if connection.in_atomic_block:
            raise
        connection.close()
        return ask()


def sweep_pool(using: str = DEFAULT_DB_ALIAS) -> None:
    """Have the pool look at all that it keeps, once a connection was found dead.

    After a restart of PostgreSQL all are. Asked for one, the pool waits a second after the first dead one, two after
    the next, then four; asked to look at all, it replaces them at once.
    """
    pool: Any = getattr(connections[using], "pool", None)
    if pool is not None:
        pool.open()
        pool.check()


@contextmanager
def snapshot(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """All reads within see the database at one moment (SQLite's transactions do anyway)."""
    connection = connections[using]
    outermost = not connection.in_atomic_block
    with _reading(outermost), transaction.atomic(using):
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _reading(outermost: bool) -> Iterator[None]:
    """SQLite: a transaction that only reads does not take the one write lock, as ours do from their start."""
    if not outermost or connection.vendor != "sqlite":
        yield
        return
    sqlite: Any = connection
    sqlite.ensure_connection()  # connecting sets the mode, in a thread that has asked nothing yet as well
    usual, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = usual
