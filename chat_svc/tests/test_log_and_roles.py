"""On PostgreSQL the services use a role that owns nothing: what the log holds, it cannot change by any statement.

And on both databases the triggers are there after all migrations: SQLite makes a table anew where it is changed, and a
trigger of the old one is lost without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from abdre.backup import postgresql
from abdre.checks import locks_end, logs_only_grow
from chat_svc.models import ModerationEntry

if TYPE_CHECKING:
    from pytest_django import Settings

LOG = ModerationEntry._meta.db_table
FUNCTION = "chat_svc_moderationentry_only_grows()"
TRIGGERS = {
    "postgresql": {"moderation_entry_stays", "moderation_log_stays"},
    "sqlite": {"moderation_entry_update", "moderation_entry_delete"},
}
OWNER, SERVICES = "the_owner", "the_services"
PASSWORD = "of-the-services"
# Tables and what belongs to them; what an extension brought stays whose it is.
OURS = """
SELECT format('ALTER TABLE %s OWNER TO ', oid::regclass) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL
SELECT format('ALTER FUNCTION %s OWNER TO ', p.oid::regprocedure) FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


CATALOGUE = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
}
ENTRY = """
INSERT INTO {log} (at, actor_id, deed, reason, address, details)
    VALUES (now(), gen_random_uuid(), 'looked', '', '', '{{}}')
"""
REFUSED = [
    "UPDATE {log} SET reason = 'other'",
    "DELETE FROM {log}",
    "TRUNCATE {log}",
    "SELECT * FROM {log} FOR UPDATE",
    "INSERT INTO {log} SELECT * FROM {log} ON CONFLICT (id) DO UPDATE SET reason = 'other'",
    "DROP TRIGGER moderation_entry_stays ON {log}",
    "ALTER TABLE {log} DISABLE TRIGGER moderation_entry_stays",
    "ALTER TABLE {log} DISABLE TRIGGER ALL",
    "ALTER TABLE {log} ALTER COLUMN reason TYPE text USING 'other'",
    "ALTER TABLE {log} RENAME TO other",
    "ALTER TABLE {log} OWNER TO {services}",
    "CREATE RULE other AS ON INSERT TO {log} DO INSTEAD NOTHING",
    "CREATE TRIGGER other BEFORE INSERT ON {log} FOR EACH ROW EXECUTE FUNCTION {function}",
    "DROP TABLE {log}",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DROP FUNCTION {function} CASCADE",
    "SET ROLE {owner}",
    "DELETE FROM django_migrations",
]


@pytest.mark.django_db
def test_the_triggers_are_there_after_all_migrations():
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE[connection.vendor], [LOG])
        there = {name for (name,) in cursor.fetchall()}

    assert there >= TRIGGERS[connection.vendor]


@pytest.fixture
def superuser(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**address(), autocommit=True) as opened:
        yield opened


def address(**changed: str) -> dict[str, Any]:
    facts = connection.settings_dict
    given = {"user": facts["USER"], "password": facts["PASSWORD"], "host": facts["HOST"], "port": facts["PORT"]}
    return {**given, "dbname": facts["NAME"], **changed}


def give_all_to(superuser: psycopg.Connection[Any], role: str) -> None:
    for (statement,) in superuser.execute(OURS).fetchall():
        superuser.execute(sql.SQL(statement) + sql.Identifier(role))


@pytest.fixture
def roles(superuser: psycopg.Connection[Any], settings: Settings) -> Iterator[None]:
    """One that owns the tables, and one for the services, which the command makes."""
    settings.OWNS_TABLES = True
    settings.SERVICES_DATABASE = {"USER": SERVICES, "PASSWORD": PASSWORD}
    superuser.execute(f"CREATE ROLE {OWNER} CREATEROLE; GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}")
    give_all_to(superuser, OWNER)
    yield
    give_all_to(superuser, connection.settings_dict["USER"])
    for role in (SERVICES, OWNER):
        if superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            superuser.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def run(connection: psycopg.Connection[Any], statement: str) -> psycopg.Cursor[Any]:
    return connection.execute(statement.format(log=LOG, function=FUNCTION, owner=OWNER, services=SERVICES))


def entries(superuser: psycopg.Connection[Any]) -> list[Any]:
    return run(superuser, "SELECT * FROM {log} ORDER BY id").fetchall()


@pytest.fixture
def services(roles: None) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the running services have it, once everything is granted, with one entry in the log."""
    with acting_as(OWNER):
        call_command("grant_app_role", verbosity=0)
    with psycopg.connect(**address(user=SERVICES, password=PASSWORD), autocommit=True) as opened:
        run(opened, ENTRY)
        yield opened


@pytest.mark.postgres
def test_the_services_role_adds_to_the_log_and_does_nothing_else_to_it(
    services: psycopg.Connection[Any], superuser: psycopg.Connection[Any]
):
    run(services, "GRANT UPDATE, DELETE ON {log} TO {services}")  # which PostgreSQL answers by a warning
    before = entries(superuser)

    refused = [statement for statement in REFUSED if is_refused(services, statement)]

    assert refused == REFUSED
    assert entries(superuser) == before
    run(services, ENTRY)
    assert len(entries(superuser)) == len(before) + 1 == 2


def is_refused(services: psycopg.Connection[Any], statement: str) -> bool:
    try:
        run(services, statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.postgres
def test_all_other_rows_are_the_services_to_change(services: psycopg.Connection[Any]):
    refused = services.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT ("
        "SELECT bool_and(has_table_privilege(pg_class.oid, one)) FROM unnest("
        "ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS one) ORDER BY relname"
    ).fetchall()

    assert [table for (table,) in refused] == [LOG, "django_migrations"]


@pytest.mark.postgres
def test_tables_that_are_made_afterwards_are_the_services_to_use(
    services: psycopg.Connection[Any], superuser: psycopg.Connection[Any]
):
    with acting_as(OWNER), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made_later (id serial)")
    try:
        services.execute("INSERT INTO made_later DEFAULT VALUES")
        services.execute("UPDATE made_later SET id = 2; DELETE FROM made_later")
        assert is_refused(services, "TRUNCATE made_later")
    finally:
        superuser.execute("DROP TABLE made_later")


@pytest.mark.postgres
def test_what_is_granted_twice_is_the_same(services: psycopg.Connection[Any]):
    with acting_as(OWNER):
        call_command("grant_app_role", verbosity=0)

    assert is_refused(services, "DELETE FROM {log}")


@pytest.mark.postgres
def test_whoever_restores_sees_the_services_connections_as_an_owner_who_is_no_superuser(
    services: psycopg.Connection[Any],
):
    with acting_as(OWNER), connection.cursor() as cursor:
        cursor.execute("SET application_name = 'abdre restore'")
        try:
            while_they_run = postgresql.users()
            services.close()
            wait_until_gone(cursor)
            afterwards = postgresql.users()
        finally:
            cursor.execute("RESET application_name")

    assert SERVICES in while_they_run
    assert SERVICES not in afterwards


def wait_until_gone(cursor: Any) -> None:
    """A server's process ends a moment after its client."""
    there = True
    while there:
        cursor.execute("SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity WHERE usename = %s", [SERVICES])
        there = cursor.fetchone()[1]


@pytest.mark.postgres
def test_behind_pgbouncer_the_role_itself_waits_for_no_lock_without_end(roles: None, settings: Settings):
    settings.DATABASE_PGBOUNCER = True
    with acting_as(OWNER):
        call_command("grant_app_role", verbosity=0)

    with psycopg.connect(**address(user=SERVICES, password=PASSWORD)) as opened:
        asked = "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
        assert opened.execute(asked).fetchone() == ("5s", "30s")


@pytest.mark.postgres
def test_whoever_checks_a_deployment_is_told_of_a_role_that_waits_without_end(
    superuser: psycopg.Connection[Any], settings: Settings
):
    assert locks_end(None, databases=["default"]) == []  # each connection says it itself

    settings.DATABASE_PGBOUNCER = True
    assert locks_end(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        try:
            assert [found.id for found in locks_end(None, databases=["default"])] == ["abdre.W010"]
        finally:
            cursor.execute("RESET lock_timeout")


@pytest.mark.postgres
@pytest.mark.parametrize("way", [f"ALTER ROLE {SERVICES} SUPERUSER", f"GRANT {OWNER} TO {SERVICES}"])
def test_a_role_that_could_rewrite_the_log_is_not_for_the_services(
    roles: None, superuser: psycopg.Connection[Any], way: str
):
    superuser.execute(f"CREATE ROLE {SERVICES} LOGIN; {way}")

    with acting_as(OWNER), pytest.raises(CommandError, match="can rewrite"):
        call_command("grant_app_role")


@pytest.mark.postgres
def test_whoever_checks_a_deployment_is_told(superuser: psycopg.Connection[Any], settings: Settings):
    assert [found.id for found in logs_only_grow(None, databases=["default"])] == ["abdre.W002"]
    assert logs_only_grow(None) == []  # asked of no database

    settings.OWNS_TABLES = True
    assert logs_only_grow(None, databases=["default"]) == []  # it is the owner's own job


def test_where_there_is_one_role_there_is_nothing_to_grant(capsys: pytest.CaptureFixture[str]):
    call_command("grant_app_role")

    assert "no role of its own" in capsys.readouterr().out
