"""Rows into tables as fast as the database takes them: COPY on PostgreSQL, `executemany` on SQLite."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from chat_svc.management.demo.rooms import BLOCK_COLUMNS, MESSAGE_COLUMNS, Row


def write(messages: Sequence[Row], blocks: Sequence[Row]) -> None:
    """Within the caller's transaction."""
    _write("chat_svc_message", MESSAGE_COLUMNS, messages)
    _write("chat_svc_searchblock", BLOCK_COLUMNS, blocks)


def _write(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        raw: Any = connection.connection
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        places = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  # our own names


def tidy() -> None:
    """Have the planner know what is there now."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
