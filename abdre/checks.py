"""System checks: what would fail quietly later is an error at the start."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection


def register_all() -> None:
    register(memory_needs_one_process)
    register(letters_need_a_server)
    register(logs_only_grow, Tags.database, deploy=True)
    register(locks_end, Tags.database, deploy=True)


def memory_needs_one_process(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The memory layer and store are per process: with several workers half of the room would hear nothing."""
    workers = os.environ.get("WEB_CONCURRENCY", "1")
    if settings.REDIS_URL or workers == "1":
        return []
    return [
        Error(
            f"WEB_CONCURRENCY={workers}, but without REDIS_URL every process has a memory of its own.",
            hint="Set REDIS_URL or run one worker.",
            id="abdre.E001",
        )
    ]


def letters_need_a_server(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """On one's own machine the console is the mailbox; elsewhere nobody would read the letters there."""
    to_the_console = settings.EMAIL_BACKEND.endswith(".console.EmailBackend")
    if not settings.DOES_JOBS or not to_the_console or settings.ROLE == "all-in-one":
        return []
    return [
        Warning(
            "Letters are written to the log: nobody can confirm an address or get a new password.",
            hint="Set EMAIL_HOST.",
            id="abdre.W001",
        )
    ]


def logs_only_grow(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """The services' own role could take away the triggers by which a log only grows.

    Asked with `check --deploy --database default`; never by `migrate`, whose role owns the tables.
    """
    if not databases or connection.vendor != "postgresql" or settings.OWNS_TABLES:
        return []
    there = set(connection.introspection.table_names()) & set(settings.ONLY_GROWING_TABLES)
    return [
        Warning(
            f"The services' database role can rewrite {table}.",
            hint='Give it a role that owns nothing: operations.md, "The moderation log".',
            id="abdre.W002",
        )
        for table in sorted(there)
        if may_rewrite(table, connection.settings_dict["USER"])
    ]


def locks_end(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Through PgBouncer no connection says how long it waits; without a limit one stuck transaction stops everybody."""
    if not databases or not settings.HAS_DATABASE or not settings.DATABASE_PGBOUNCER or settings.OWNS_TABLES:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        if cursor.fetchone()[0] != "0":
            return []
    return [
        Warning(
            "Behind PgBouncer the services' database role waits for locks without a limit.",
            hint="Run grant_app_role with ABDRE_DATABASE_PGBOUNCER set.",
            id="abdre.W010",
        )
    ]


def may_rewrite(table: str, role: str) -> bool:
    """On PostgreSQL: by owning the table, as who may become its owner (a superuser is everybody), or by a grant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(%s, relowner, 'MEMBER')"
            " OR has_table_privilege(%s, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
            " FROM pg_class WHERE oid = %s::regclass",
            [role, role, table],
        )
        return bool(cursor.fetchone()[0])
