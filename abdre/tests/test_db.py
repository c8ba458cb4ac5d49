"""Reading on database threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from abdre.db import close_connections, snapshot


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
