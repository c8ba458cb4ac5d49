"""The writer when the database is slow, away, or refuses: everybody is answered soon, and it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, connections

from abdre import events, metrics
from abdre.db import close_connections
from abdre.errors import Unavailable
from chat_svc import services, writer
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import batch, post, say
from chat_svc.writer import trouble

if TYPE_CHECKING:
    from user_svc.models import User


def fail_with(problem: Callable[[Sequence[writer.Post]], Exception | None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The database answers with `problem` where it is one."""
    write = trouble._in_one_transaction

    def answer(posts: Sequence[writer.Post]) -> Any:
        refusal = problem(posts)
        if refusal is not None:
            raise refusal
        return write(posts)

    monkeypatch.setattr(trouble, "_in_one_transaction", answer)


def test_while_the_database_is_away_it_is_asked_once_for_the_whole_batch(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    asked = []

    def refuse(self: Any) -> None:
        asked.append(self)
        raise OperationalError("no connection")

    monkeypatch.setattr(type(connections["default"]), "connect", refuse)

    outcomes = batch([post(chat, bob) for _ in range(10)])

    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 10
    assert len(asked) == 1


def test_a_chat_that_is_kept_locked_does_not_stop_the_others(
    chat: Chat, other: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    tries = []

    def locked(posts: Sequence[writer.Post]) -> Exception | None:
        tries.append(len(posts))
        is_locked = any(one.chat_id == chat.id for one in posts)
        return OperationalError("canceling statement due to lock timeout") if is_locked else None

    fail_with(locked, monkeypatch)

    outcomes = batch([post(chat, bob), post(other, bob), post(chat, bob)])

    assert [type(outcome) for outcome in outcomes] == [Unavailable, services.Sent, Unavailable]
    assert sorted(tries) == [1, 2, 3]


def test_a_message_that_the_database_refuses_does_not_hurt_the_others_of_its_chat(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    fail_with(lambda posts: DataError("no") if any(one.body == "poison" for one in posts) else None, monkeypatch)

    outcomes = batch([post(chat, bob, body) for body in ("a", "poison", "b")])

    assert [type(outcome) for outcome in outcomes] == [services.Sent, Unavailable, services.Sent]
    assert list(Message.objects.order_by("seq").values_list("body", flat=True)) == ["a", "b"]


def test_a_fault_of_ours_is_answered_and_the_next_message_is_stored(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    fail_with(lambda posts: RuntimeError("a fault") if posts[0].body == "faulty" else None, monkeypatch)

    with pytest.raises(Unavailable):
        say(chat, bob, "faulty")

    assert say(chat, bob, "next").created


def test_a_message_whose_event_cannot_be_told_is_stored_and_acknowledged(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    def closed(messages: object) -> None:
        raise RuntimeError("the loop is closed")

    monkeypatch.setattr(events, "hand_over_all", closed)

    assert say(chat, bob).created
    assert say(chat, bob).message["seq"] == 2


@pytest.mark.parametrize("figure", ["MESSAGES", "WRITER_BATCH"])
def test_a_message_that_cannot_be_counted_is_acknowledged_and_the_next_one_stored(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch, figure: str
):
    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    metric = getattr(metrics, figure)
    monkeypatch.setattr(metrics, "is_on", lambda: True)
    monkeypatch.setattr(metric, "add" if figure == "MESSAGES" else "observe", full)

    assert say(chat, bob).created
    assert say(chat, bob).message["seq"] == 2


def test_who_waits_too_long_is_told_to_come_again(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.messages.WRITE_TIMEOUT_S", 0.05)
    fail_with(lambda posts: time.sleep(0.2), monkeypatch)

    with pytest.raises(Unavailable):
        say(chat, bob)


def test_nobody_holds_a_connection_while_waiting_for_the_writer(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    held = []
    submit = writer.writer.submit

    def note(*args: Any, **options: Any) -> None:
        held.append(connection.connection)
        submit(*args, **options)

    monkeypatch.setattr(writer.writer, "submit", note)

    say(chat, bob)

    assert held == [None]


@pytest.mark.postgres
def test_a_stuck_transaction_is_not_waited_for_for_ever(transactional_db: None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')")

        assert cursor.fetchone() == ("5s", "30s")


def end_all_connections() -> None:
    """As a restart of PostgreSQL does it."""
    parameters = connections["default"].get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in names if name in parameters}, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.postgres
def test_connections_that_died_in_the_pool_hurt_nobody(chat: Chat, bob: User):
    with ThreadPoolExecutor(6) as threads:  # as many connections as threads that ask at the same time
        everybody_asks = threading.Barrier(6)
        list(threads.map(lambda _: ask_together(everybody_asks), range(6)))
    writer.writer.stop()
    connection.close()
    end_all_connections()

    assert say(chat, bob).created


def ask_together(barrier: threading.Barrier) -> None:
    connection.ensure_connection()
    barrier.wait()
    close_connections()


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.postgres
def test_a_connection_that_died_in_the_writers_hands_hurts_nobody(chat: Chat, bob: User, size: int):
    pen = writer.Writer()
    before: Future[Any] = Future()
    pen.submit(post(chat, bob), before.set_result)
    before.result(timeout=10)
    connection.close()
    end_all_connections()

    answers: list[Future[Any]] = [Future() for _ in range(size)]
    with pen._changed:
        for answer in answers:
            pen.submit(post(chat, bob), answer.set_result)
    pen.stop()

    assert [answer.result(timeout=10).message["seq"] for answer in answers] == list(range(2, size + 2))
