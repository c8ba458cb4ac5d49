"""The database: is it there, is it fit, and may this role do what it must and nothing more?"""

from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from abdre.backup.making import applied, unknown
from abdre.backup.postgresql import outdated_client
from abdre.doctor.findings import Finding, Level

CHECK, MIGRATIONS = "database", "migrations"
OLDEST = 140_000  # PostgreSQL 14: the oldest that Django 5.2 speaks to
# auth, user, oauth, chat, realtime and the worker.
ROLES_WITH_TABLES = 6
OWNED = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user"
IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
# What grant_app_role gives for every table; less on the log and on the list of migrations.
UNUSABLE = """
SELECT coalesce(string_agg(tablename, ', ' ORDER BY tablename), '') FROM pg_tables
WHERE schemaname = current_schema()
    AND NOT has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT')
"""


class Unreachable(Exception):
    """Nothing more can be said of the database; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def look() -> Iterator[Finding]:
    """Raises Unreachable."""
    if connection.vendor == "sqlite":
        yield from _look_at_sqlite()
        return
    with _connected() as database:
        yield from _fitness(database)
        yield from _durability(database)
        yield from _room(database)
        yield from _backups(database)
        if not settings.OWNS_TABLES:
            yield from _rights(database)


def _look_at_sqlite() -> Iterator[Finding]:
    if settings.ROLE != "all-in-one":
        yield Finding(
            CHECK, "wrong", "Several processes share one SQLite file", "Set DATABASE_URL to a postgresql:// address"
        )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master")
    except DatabaseError as problem:
        name = connection.settings_dict["NAME"]
        raise Unreachable(
            Finding(CHECK, "wrong", f"{name} does not open: {problem}", "Make its folder writable for this account")
        ) from problem


def _connected() -> "psycopg.Connection[Any]":
    """Beside the pool, which would only say that it has waited."""
    parameters: dict[str, Any] = connection.get_connection_params()
    try:
        return psycopg.connect(**{**parameters, "autocommit": True})
    except psycopg.OperationalError as problem:
        said = " ".join(str(problem).split())
        name = "ABDRE_MIGRATION_DATABASE_URL" if settings.OWNS_TABLES else "DATABASE_URL"
        raise Unreachable(
            Finding(CHECK, "wrong", f"No connection by {name}: {said}", "Put address, role and password right")
        ) from problem


def _told(database: "psycopg.Connection[Any]", question: str) -> Any:
    row = database.execute(question).fetchone()
    return row[0] if row else None


def _fitness(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    if database.info.server_version < OLDEST:
        version = _told(database, "SHOW server_version")
        yield Finding(CHECK, "wrong", f"PostgreSQL {version} is too old", "Use 14 or newer; 15 is what is tested")
    if _told(database, "SHOW transaction_read_only") == "on":
        yield Finding(
            CHECK,
            "wrong",
            "The server only reads: a replica, or a primary of before",
            "Name the primary in DATABASE_URL",
        )
    encoding = _told(database, "SHOW server_encoding")
    if encoding != "UTF8":
        yield Finding(
            CHECK,
            "wrong",
            f"The database's encoding is {encoding}, and people write in all scripts",
            "Make a new one WITH ENCODING 'UTF8' TEMPLATE template0, and restore a backup into it",
        )


def _durability(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    for setting in ("synchronous_commit", "fsync", "full_page_writes"):
        if _told(database, f"SHOW {setting}") == "off":
            yield Finding(
                CHECK,
                "wrong",
                f"{setting} is off: what was acknowledged is lost when the server falls",
                f"Set {setting} = on, in postgresql.conf or wherever ALTER ROLE or ALTER DATABASE say otherwise",
            )
    if "," in connection.settings_dict["HOST"] and not _told(database, "SHOW synchronous_standby_names"):
        yield Finding(
            CHECK,
            "note",
            "DATABASE_URL names several hosts, and synchronous_standby_names is empty: a failover loses what was "
            "acknowledged last",
            "Let the primary wait for a standby (Patroni: synchronous_mode)",
        )


def _room(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    pool = connection.settings_dict["OPTIONS"].get("pool")
    if not pool or settings.DATABASE_PGBOUNCER:  # the one who counts connections then is PgBouncer
        return
    most, reserved = _told(database, "SHOW max_connections"), _told(database, "SHOW superuser_reserved_connections")
    processes = 1 if settings.ROLE == "all-in-one" else ROLES_WITH_TABLES
    needed, there = processes * pool["max_size"], int(most) - int(reserved)
    if needed > there:
        yield Finding(
            CHECK,
            "wrong",
            f"{processes} processes of up to {pool['max_size']} connections need {needed}, and {there} are to be had",
            "Raise max_connections of PostgreSQL, or lower ABDRE_DATABASE_POOL",
        )


def _backups(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    server = database.info.server_version // 10_000
    if problem := outdated_client(server):
        do = f"Make backups where postgresql-client-{server} or a newer one is installed"
        yield Finding(CHECK, "note", f"No backup can be made from here: {problem}", do)


def _rights(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    level: Level = "note" if settings.ROLE == "all-in-one" else "wrong"
    role = connection.settings_dict["USER"]
    if _told(database, IS_SUPERUSER):
        what = f"{role}, the services' role, is a superuser"
    elif owned := _told(database, OWNED):
        what = f"{role}, the services' role, owns {owned} tables"
    else:
        if unusable := _told(database, UNUSABLE):
            yield Finding(
                CHECK, "wrong", f"{role} may not read {unusable}", "Run manage.py grant_app_role as the owner"
            )
        return
    do = 'Give the services a role that owns nothing: operations.md, "The moderation log"'
    yield Finding(CHECK, level, f"{what}: who breaks in can rewrite the moderation log", do)


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if pending:
        yield Finding(
            MIGRATIONS, "wrong", f"{len(pending)} are to be applied, the first is {pending[0]}", "Run manage.py migrate"
        )
    if newer := unknown(applied()):
        yield Finding(
            MIGRATIONS,
            "note",
            f"The database is newer than this release: it has {', '.join(newer[:3])}",
            "After going back by one release leave it so; else start the release that made them, or a newer one",
        )
