"""Reading on database threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import OperationalError, connection

from abdre.db import close_connections, in_thread, snapshot


def ask_in_a_snapshot() -> int:
    try:
        with snapshot(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return int(cursor.fetchone()[0])
    finally:
        close_connections()


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_may_be_the_first_thing_that_a_thread_asks_and_the_next_one_too():
    with ThreadPoolExecutor(max_workers=1) as thread:
        answers = [thread.submit(ask_in_a_snapshot).result() for _ in range(2)]

    assert answers == [1, 1]


PEOPLE = 10  # more than one call finds dead before it gives up


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
async def test_after_a_restart_of_the_database_at_most_one_call_fails():
    await in_thread(fill_the_pool)
    await in_thread(end_all_connections)

    with suppress(OperationalError):
        await in_thread(ask_in_a_snapshot)

    assert await in_thread(ask_in_a_snapshot) == 1


def fill_the_pool() -> None:
    """As many connections as threads that ask at the same time."""
    everybody_asks = threading.Barrier(PEOPLE)

    def ask(_: int) -> None:
        connection.ensure_connection()
        everybody_asks.wait()
        close_connections()

    with ThreadPoolExecutor(PEOPLE) as threads:
        list(threads.map(ask, range(PEOPLE)))


def end_all_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
