"""The writer when the database is slow, away, or refuses: everybody is answered soon, and it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, connections

from abdre import events
from abdre.errors import Unavailable
from chat_svc import services, writer
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import say
from chat_svc.writer import trouble

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def other(ada: User, bob: User) -> Chat:
    return services.create_chat(creator_id=ada.id, kind="group", title="Coffee", members=[bob.id])


def post(chat: Chat, user: User, body: str = "x") -> writer.Post:
    return writer.Post(chat.id, user.id, uuid4(), body)


def fail_with(problem: Callable[[Sequence[writer.Post]], Exception | None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The database answers with `problem` where it is one."""
    write = trouble._in_one_transaction

    def answer(posts: Sequence[writer.Post]) -> Any:
        refusal = problem(posts)
        if refusal is not None:
            raise refusal
        return write(posts)

    monkeypatch.setattr(trouble, "_in_one_transaction", answer)


def asked(pen: writer.Writer, one: writer.Post) -> Future[Any]:
    answer: Future[Any] = Future()
    pen.submit(one, answer.set_result)
    return answer


def batch(posts: Sequence[writer.Post]) -> list[Any]:
    """The outcomes of posts that are written together."""
    pen = writer.Writer()
    with pen._changed:  # it comes to its queue when all of them stand there
        answers = [asked(pen, one) for one in posts]
    pen.stop()
    return [answer.result(timeout=10) for answer in answers]


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


def test_who_waits_too_long_is_told_to_come_again(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.messages.WRITE_TIMEOUT_S", 0.05)
    fail_with(lambda posts: time.sleep(0.2), monkeypatch)

    with pytest.raises(Unavailable):
        say(chat, bob)


async def test_a_consumer_who_waits_too_long_is_told_to_come_again(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chat_svc.services.messages.WRITE_TIMEOUT_S", 0.05)
    fail_with(lambda posts: time.sleep(0.2), monkeypatch)

    with pytest.raises(Unavailable):
        await services.send_message_async(chat_id=chat.id, sender_id=bob.id, client_id=uuid4(), body="slow")


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


@pytest.mark.postgres
def test_a_connection_that_died_in_the_pool_hurts_nobody(chat: Chat, bob: User):
    say(chat, bob)
    writer.writer.stop()
    connection.close()
    parameters = connections["default"].get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in names if name in parameters}, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert say(chat, bob).created
