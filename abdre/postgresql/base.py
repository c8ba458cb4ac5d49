"""Django's PostgreSQL where the primary moves: what the address asks of a server holds for as long as it is used.

libpq asks a server once, when it connects. Behind PgBouncer the same connection may lead to a replica later.
"""

from types import TracebackType
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import ConnectionPool

# Of libpq's target_session_attrs those that only a primary fulfils.
WRITABLE = {"read-write", "primary"}


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self) -> Any:
        options: dict[str, Any] = self.settings_dict["OPTIONS"].get("pool") or {}
        if not options or not self.wants_primary or self.alias != DEFAULT_DB_ALIAS:
            return super().pool
        this: Any = self  # the stubs do not tell of Django's pool
        pools: dict[str, Any] = this._connection_pools
        if self.alias not in pools:
            parameters = {**self.get_connection_params(), "autocommit": True}
            pool: Any = PrimaryPool(
                kwargs=parameters,
                open=False,
                configure=this._configure_connection,
                **options,
            )
            pools.setdefault(self.alias, pool)
        return pools[self.alias]

    @property
    def wants_primary(self) -> bool:
        return self.settings_dict["OPTIONS"].get("target_session_attrs") in WRITABLE

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return ErrorWrapper(self) if self.wants_primary else DatabaseErrorWrapper(self)


class PrimaryConnection(psycopg.Connection[Any]):
    """To the first host that writes, by its own word.

    libpq would take PgBouncer's word, which greets with what a server once said to it, and no other host after one that
    answers and fails.
    """

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Any:
        options.pop("target_session_attrs", None)
        hosts, ports = options.pop("host", "").split(","), str(options.pop("port", "")).split(",")
        if len(ports) == 1:
            ports *= len(hosts)
        problems: list[str] = []
        for one, its_port in zip(hosts, ports, strict=True):
            try:
                connection = super().connect(conninfo, host=one, port=its_port, **options)
                refuse_reader(connection)
            except psycopg.OperationalError as problem:
                problems.append(f"{one}:{its_port}: {str(problem).strip()}")
            else:
                return connection
        raise psycopg.OperationalError("; ".join(problems))


class PrimaryPool(ConnectionPool[Any]):
    """Looks whether a connection still leads to a primary whenever it gives it away: the same one round trip."""

    def __init__(self, **options: Any) -> None:
        super().__init__(connection_class=PrimaryConnection, check=refuse_reader, **options)

    @staticmethod
    def check_connection(connection: Any) -> None:
        refuse_reader(connection)


def refuse_reader(connection: Any) -> None:
    """Raises OperationalError, and the connection is closed then: the pool would keep it."""
    try:
        row = psycopg.Cursor(connection).execute("SHOW transaction_read_only").fetchone()
    except BaseException:
        connection.close()
        raise
    if row is not None and row[0] == "on":
        connection.close()
        raise psycopg.OperationalError("this server only reads, it is not the primary")


class ErrorWrapper(DatabaseErrorWrapper):
    """Who was made a replica is away, as far as writers are concerned: another is asked."""

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(problem, ReadOnlySqlTransaction):
            this: Any = self  # the stubs leave the wrapper out
            this.wrapper.errors_occurred = True
            raise OperationalError(*problem.args) from problem
        super().__exit__(kind, problem, trace)
