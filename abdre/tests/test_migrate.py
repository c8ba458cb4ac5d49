"""`manage.py migrate` beside people who read and write, and beside another one."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from abdre.management.commands import migrate

WITHIN_S = 30
LOCK_TIMEOUT_S = 0.3
PATIENCE_S = 3.0  # of a busy machine, on top; without a time-out of its own it would wait for five

pytestmark = pytest.mark.django_db(transaction=True)


def migrated(target="", **options):
    """What it says, run by a thread, which has a connection of its own."""
    said = options.pop("said", StringIO())
    try:
        call_command("migrate", "abdre", *filter(None, [target]), stdout=said, **options)
    finally:
        connection.close()
    return said.getvalue()


@pytest.fixture
def planted(settings, monkeypatch):
    settings.MIGRATION_MODULES = {"abdre": "abdre.tests.migrations"}
    monkeypatch.setattr(migrate, "PAUSE_S", (0.05, 0.1))
    monkeypatch.setattr(migrate, "ASKS_AGAIN_S", 0.05)
    yield
    call_command("migrate", "abdre", "zero", verbosity=0)


@pytest.fixture
def hands():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@contextmanager
def somebody_else(statement: str) -> Iterator[psycopg.Connection]:
    """In an open transaction, after `statement`."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in names if name in parameters}) as other:
        other.execute(statement)
        yield other


def until(fact, what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not fact():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def columns():
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, "abdre_planted")}


def test_it_applies_everything_and_finds_nothing_to_do_the_second_time(planted):
    said, again = StringIO(), StringIO()

    call_command("migrate", "abdre", stdout=said)
    call_command("migrate", "abdre", stdout=again)

    assert said.getvalue().count(" OK") == 3
    assert "No migrations to apply" in again.getvalue()
    assert columns() == {"id", "age", "height"}


@pytest.mark.postgres
def test_it_gives_way_to_a_long_reader_and_nobody_waits_behind_it_for_longer(planted, hands):
    call_command("migrate", "abdre", "0001", verbosity=0)
    said = StringIO()

    with somebody_else("SELECT * FROM abdre_planted") as reader:
        migrating = hands.submit(migrated, said=said, lock_timeout_s=LOCK_TIMEOUT_S)
        read_until(lambda: said.getvalue().count("gave way") >= 2, LOCK_TIMEOUT_S + PATIENCE_S)
        assert columns() == {"id", "age"}
        reader.commit()
        migrating.result(WITHIN_S)

    assert columns() == {"id", "age", "height"}


def read_until(fact, within_s: float) -> None:
    """Again and again, by somebody whom PostgreSQL refuses when they have waited for `within_s` behind others."""
    deadline = time.monotonic() + WITHIN_S
    with somebody_else(f"SET lock_timeout = {within_s * 1000:.0f}") as reader:
        while not fact():
            assert time.monotonic() < deadline
            reader.execute("SELECT * FROM abdre_planted")
            reader.commit()


@pytest.mark.postgres
def test_it_says_who_to_look_for_where_nobody_lets_it_in(planted):
    call_command("migrate", "abdre", "0001", verbosity=0)

    with somebody_else("SELECT * FROM abdre_planted"):
        with pytest.raises(CommandError, match="pg_stat_activity"):
            call_command("migrate", "abdre", stdout=StringIO(), lock_timeout_s=0.05, tries=2)

    assert columns() == {"id", "age"}


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_not_tried_again(planted):
    call_command("migrate", "abdre", "0001", verbosity=0)

    with somebody_else("SELECT * FROM abdre_planted"):
        with pytest.raises(CommandError, match="--statement-timeout-s"):
            call_command("migrate", "abdre", stdout=StringIO(), statement_timeout_s=0.05)


@pytest.mark.postgres
def test_an_index_waits_for_who_writes_and_is_broken_off_by_no_time(planted, hands):
    call_command("migrate", "abdre", "0002", verbosity=0)

    with somebody_else("INSERT INTO abdre_planted (age) VALUES (7)") as writer:
        migrating = hands.submit(migrated, lock_timeout_s=0.05, statement_timeout_s=0.05)
        until(lambda: "planted_by_age" in str(activity()), "nobody builds the index")
        with somebody_else("INSERT INTO abdre_planted (age) VALUES (8)") as second:
            second.commit()
        writer.commit()

    assert "OK" in migrating.result(WITHIN_S)


def activity():
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchall()


@pytest.mark.postgres
def test_it_waits_for_another_that_is_at_work(planted, hands):
    said = StringIO()

    with somebody_else(f"SELECT pg_advisory_lock({migrate.LOCK})"):
        second = hands.submit(migrated, said=said)
        until(lambda: "waiting" in said.getvalue(), "it does not wait")
        assert "abdre_planted" not in connection.introspection.table_names()
    second.result(WITHIN_S)

    assert columns() == {"id", "age", "height"}


@pytest.mark.postgres
def test_of_two_at_once_the_second_finds_nothing_to_do(planted, hands):
    said = [future.result(WITHIN_S) for future in [hands.submit(migrated), hands.submit(migrated)]]

    assert sum(text.count(" OK") for text in said) == 3
    assert sum("No migrations to apply" in text for text in said) == 1


@pytest.mark.postgres
def test_it_refuses_a_connection_that_is_shared(settings):
    settings.DATABASE_PGBOUNCER = True

    with pytest.raises(CommandError, match="ABDRE_MIGRATION_DATABASE_URL"):
        call_command("migrate")


@pytest.mark.postgres
def test_it_leaves_the_session_as_it_was(planted):
    def times():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            return cursor.fetchone()

    before = times()
    call_command("migrate", "abdre", verbosity=0)

    assert times() == before
    with somebody_else(f"SELECT pg_advisory_lock({migrate.LOCK})"):
        pass  # nobody holds it
