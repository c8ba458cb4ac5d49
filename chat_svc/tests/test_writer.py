"""The writer as such: batches, turns, a bounded queue, several writers at once, and what the database refuses."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from abdre.db import close_connections
from abdre.errors import Unavailable
from abdre.metrics import sampling
from abdre.tests.measured import Measured
from abdre.tests.tallies import counted
from chat_svc import services
from chat_svc.errors import ChatOver, InvalidMessage, NotAMember
from chat_svc.events import MESSAGES_REFUSED, MESSAGES_STORED
from chat_svc.models import Chat, Membership, Message
from chat_svc.services import Sent
from chat_svc.tests.conftest import Api, Told, batch, post, say
from chat_svc.writer import Writer, firsts, queue, trouble

if TYPE_CHECKING:
    from user_svc.models import User

# Where an array literal, a JSON text or an SQL string could go wrong.
AWKWARD = ['"', "\\", "{a,b}", "NULL", "null", '\\"', "'); --", "a\nb\tc\r", "%s %(x)s", "$1", " ", "мәтін 👩‍👩‍👧"]


def numbers(chat: Chat) -> list[int]:
    return list(Message.objects.filter(chat=chat).order_by("seq").values_list("seq", flat=True))


def gapless(count: int) -> list[int]:
    return list(range(1, count + 1))


def test_a_batch_has_each_outcome_that_its_messages_would_have_alone(
    chat: Chat, other: Chat, ada: User, bob: User, eve: User
):
    said_before = say(chat, bob, "before")
    services.close_chat(chat_id=other.id, actor_id=ada.id)
    twice = uuid4()

    outcomes = batch(
        [
            post(chat, bob, "new"),
            post(chat, eve, "from a stranger"),
            post(other, bob, "into a closed chat"),
            post(chat, bob, "before", client_id=_uuid(said_before)),
            post(chat, ada, "an answer", reply_to=1),
            post(chat, ada, "an answer to nothing", reply_to=99),
            post(chat, ada, "twice", client_id=twice),
            post(chat, ada, "twice", client_id=twice),
        ]
    )

    kinds = [outcome.created if isinstance(outcome, Sent) else type(outcome) for outcome in outcomes]
    assert kinds == [True, NotAMember, ChatOver, False, True, InvalidMessage, True, False]
    assert numbers(chat) == gapless(4)
    assert outcomes[3].message == said_before.message
    assert outcomes[6].message == outcomes[7].message


def test_a_batch_is_counted_by_what_became_of_it(
    chat: Chat, other: Chat, bob: User, eve: User, monkeypatch: pytest.MonkeyPatch
):
    known = uuid4()
    batch([post(chat, bob, "before", client_id=known)])
    counts = counted(monkeypatch)
    pen = Writer()

    for one in (post(chat, bob), post(other, bob), post(chat, eve), post(chat, bob, "before", client_id=known)):
        pen.submit(one, lambda outcome: None)
    pen.stop()

    assert counts == {MESSAGES_STORED: 2, MESSAGES_REFUSED: 1}


def test_a_batch_is_measured_as_one(chat: Chat, bob: User, eve: User):
    with Measured() as measured:
        batch([post(chat, bob), post(chat, bob), post(chat, eve)])

        assert measured("abdre_messages_total") == 2
        assert (measured("abdre_writer_batch_messages_count"), measured("abdre_writer_batch_messages_sum")) == (1, 3)
        assert measured("abdre_writer_commit_seconds_count") == 1


def test_what_waits_is_looked_at_now_and_then(chat: Chat, bob: User):
    pen = Writer()
    with Measured() as measured, pen._changed:  # so that it does not come to its queue
        for _ in range(3):
            pen.submit(post(chat, bob), lambda outcome: None)
        sampling.look()

        assert measured("abdre_writer_queue_messages") == 3
    pen.stop()


def test_the_first_message_of_somebody_in_a_chat_is_found_once(chat: Chat, bob: User, ada: User):
    with Measured():
        firsts.forget()
        batch([post(chat, bob), post(chat, bob), post(chat, ada)])

        assert set(services.newly_heard()) == {(chat.id, bob.id), (chat.id, ada.id)}
        batch([post(chat, bob)])
        assert services.newly_heard() == []


def test_who_has_written_before_by_another_process_is_not_heard_for_the_first_time(chat: Chat, bob: User):
    batch([post(chat, bob)])

    with Measured():
        firsts.forget()
        batch([post(chat, bob)])

        assert services.newly_heard() == []


def test_of_a_flood_of_newcomers_only_so_many_wait(monkeypatch: pytest.MonkeyPatch, chat: Chat, bob: User, ada: User):
    monkeypatch.setattr(firsts, "_waiting", deque(maxlen=1))

    with Measured():
        firsts.forget()
        batch([post(chat, bob), post(chat, ada)])

        assert services.newly_heard() == [(chat.id, ada.id)]


def _uuid(sent: Sent) -> Any:
    return Message.objects.get(chat_id=sent.message["chat"], seq=sent.message["seq"]).client_id


def test_bodies_are_kept_as_typed_in_a_batch_as_well(chat: Chat, bob: User):
    bodies = [body if body.strip() else f"x{body}" for body in AWKWARD]

    outcomes = batch([post(chat, bob, body) for body in bodies])

    assert [outcome.message["body"] for outcome in outcomes] == bodies
    assert list(Message.objects.filter(chat=chat).order_by("seq").values_list("body", flat=True)) == bodies


def test_what_a_batch_answers_is_what_a_later_reader_sees(chat: Chat, ada: User, bob: User):
    posts = [post(chat, ada, "first"), post(chat, bob, "second")]

    first = batch(posts)
    again = batch(posts)

    assert [outcome.message for outcome in first] == [outcome.message for outcome in again]
    assert Chat.objects.get(id=chat.id).version == first[-1].message["version"]
    assert dict(Membership.objects.filter(chat=chat).values_list("user__username", "read_seq")) == {"ada": 1, "bob": 2}


def test_a_batch_is_told_once_per_chat_in_the_order_of_its_versions(
    chat: Chat, other: Chat, ada: User, bob: User, told: Told
):
    outcomes = batch([post(room, person) for person in (ada, bob, ada) for room in (chat, other)])

    versions = [item["version"] for _, item in told.items]
    assert versions == [outcome.message["version"] for outcome in [*outcomes[::2], *outcomes[1::2]]]


def test_a_flood_in_one_chat_holds_another_up_by_no_more_than_a_batch(
    chat: Chat, other: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "BATCH_LIMIT", 8)
    monkeypatch.setattr(queue, "TURN", 4)
    order: list[str] = []
    pen = Writer()

    with pen._changed:
        for _ in range(50):
            pen.submit(post(chat, bob), lambda outcome: order.append("flood"))
        pen.submit(post(other, bob), lambda outcome: order.append("other"))
    pen.stop()

    assert order.index("other") < 8
    assert len(order) == 51
    assert numbers(chat) == gapless(50)


def test_what_a_chat_says_at_once_is_written_side_by_side(
    chat: Chat, other: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "TURN", 3)
    order: list[str] = []
    pen = Writer()

    with pen._changed:
        for _ in range(4):
            pen.submit(post(chat, bob), lambda outcome: order.append("chat"))
            pen.submit(post(other, bob), lambda outcome: order.append("other"))
    pen.stop()

    assert order == ["chat"] * 3 + ["other"] * 3 + ["chat", "other"]


def test_the_messages_of_a_chat_keep_the_order_in_which_they_came(
    chat: Chat, other: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "BATCH_LIMIT", 7)
    bodies = [str(number) for number in range(30)]

    batch([post(room, bob, body) for body in bodies for room in (chat, other)])

    for room in (chat, other):
        assert list(Message.objects.filter(chat=room).order_by("seq").values_list("body", flat=True)) == bodies


def test_a_full_queue_refuses_and_says_when_to_come_again(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "QUEUE_LIMIT", 3)
    stored: list[Any] = []
    pen = Writer()

    with pen._changed:
        for _ in range(3):
            pen.submit(post(chat, bob), stored.append)
        with pytest.raises(Unavailable) as refusal:
            pen.submit(post(chat, bob), stored.append)
    pen.stop()

    assert refusal.value.retry_after_s == 1
    assert numbers(chat) == gapless(3)
    assert len(stored) == 3


def test_a_queue_full_of_long_messages_is_full_too(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "QUEUE_LIMIT_CHARS", 10_000)
    pen = Writer()

    with pen._changed:
        pen.submit(post(chat, bob, "x" * 8000), lambda outcome: None)
        with pytest.raises(Unavailable):
            pen.submit(post(chat, bob, "x" * 8000), lambda outcome: None)
        pen.submit(post(chat, bob, "short"), lambda outcome: None)
    pen.stop()

    assert numbers(chat) == gapless(2)
    assert batch([post(chat, bob, "x" * 8000)])[0].created  # what was written makes room


def test_a_flood_in_one_chat_does_not_take_the_room_of_another(
    chat: Chat, other: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "CHAT_LIMIT", 2)
    pen = Writer()

    with pen._changed:
        for _ in range(2):
            pen.submit(post(chat, bob), lambda outcome: None)
        with pytest.raises(Unavailable):
            pen.submit(post(chat, bob), lambda outcome: None)
        pen.submit(post(other, bob), lambda outcome: None)
    pen.stop()

    assert (numbers(chat), numbers(other)) == (gapless(2), gapless(1))


def test_over_rest_a_full_queue_is_a_503_with_the_time_to_wait(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "QUEUE_LIMIT", 0)

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages", {"client_id": str(uuid4()), "body": "x"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert not Message.objects.exists()


@pytest.mark.parametrize("writers", [2, 4])
def test_several_writers_number_one_chat_without_holes(chat: Chat, ada: User, bob: User, writers: int):
    pens = [Writer() for _ in range(writers)]
    outcomes: list[Any] = []

    with ThreadPoolExecutor(writers) as threads:
        for pen in pens:
            threads.submit(_send_in_small_batches, pen, chat, [ada, bob], outcomes)
    for pen in pens:
        pen.stop()

    assert [type(outcome) for outcome in outcomes] == [Sent] * 30 * writers
    assert numbers(chat) == gapless(30 * writers)
    assert Chat.objects.get(id=chat.id).last_seq == 30 * writers
    versions = sorted(outcome.message["version"] for outcome in outcomes)
    assert versions == list(range(versions[0], versions[0] + 30 * writers))


def _send_in_small_batches(pen: Writer, chat: Chat, people: list[User], outcomes: list[Any]) -> None:
    """Of one message, of two, of three, so that all statements meet."""
    for round_number in range(15):
        size = 1 + round_number % 3
        answers: list[Future[Any]] = [Future() for _ in range(size)]
        with pen._changed:
            for number, answer in enumerate(answers):
                pen.submit(post(chat, people[number % 2]), answer.set_result)
        outcomes += [answer.result(timeout=30) for answer in answers]


def test_two_writers_store_a_message_of_one_client_id_once(chat: Chat, bob: User):
    posts = [post(chat, bob, f"message {number}") for number in range(20)]
    pens = [Writer(), Writer()]
    outcomes: dict[int, list[Any]] = {number: [] for number in range(20)}

    for number, one in enumerate(posts):
        for pen in pens:
            pen.submit(one, outcomes[number].append)
    for pen in pens:
        pen.stop()

    assert all(sorted(outcome.created for outcome in twice) == [False, True] for twice in outcomes.values())
    assert all(twice[0].message == twice[1].message for twice in outcomes.values())
    assert numbers(chat) == gapless(20)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.postgres
def test_who_is_removed_while_the_message_waits_for_the_chat_gets_it_in_no_more(
    chat: Chat, ada: User, bob: User, size: int
):
    outcomes: list[Any] = []

    with transaction.atomic():
        services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
        writing = _in_a_thread(lambda: outcomes.extend(batch([post(chat, bob) for _ in range(size)])))
        _until_somebody_waits()
    writing.join(timeout=10)

    assert [type(outcome) for outcome in outcomes] == [NotAMember] * size
    assert not Message.objects.exists()


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.postgres
def test_a_chat_that_changes_while_the_message_waits_for_it_takes_the_message_after_the_change(
    chat: Chat, ada: User, bob: User, size: int
):
    outcomes: list[Any] = []

    with transaction.atomic():
        services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})
        writing = _in_a_thread(lambda: outcomes.extend(batch([post(chat, bob) for _ in range(size)])))
        _until_somebody_waits()
    writing.join(timeout=10)

    changed = Chat.objects.get(id=chat.id)
    told = changed.own_version + 1  # what the chat itself says of its new name
    assert [outcome.message["version"] - told for outcome in outcomes] == gapless(size)
    assert (changed.title, changed.last_seq) == ("Coffee", 1 + size)


def _in_a_thread(deed: Any) -> threading.Thread:
    thread = threading.Thread(target=deed)
    thread.start()
    return thread


def _until_somebody_waits() -> None:
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody came to wait")


REFUSING = {
    "sqlite": [
        "CREATE TRIGGER poison BEFORE INSERT ON chat_svc_message WHEN NEW.body = 'poison' "
        "BEGIN SELECT RAISE(ABORT, 'no poison here'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE check_violation USING MESSAGE = 'no poison here'; END $$",
        "CREATE CONSTRAINT TRIGGER poison AFTER INSERT ON chat_svc_message DEFERRABLE INITIALLY {when} "
        "FOR EACH ROW WHEN (NEW.body = 'poison') EXECUTE FUNCTION poison()",
    ],
}


@pytest.fixture(params=["IMMEDIATE", pytest.param("DEFERRED", marks=pytest.mark.postgres)])
def _poison_is_refused(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """By the database itself, by the statement or not before its commit."""
    with connection.cursor() as cursor:
        for statement in REFUSING[connection.vendor]:
            cursor.execute(statement.format(when=request.param) if "{when}" in statement else statement)
    yield
    with connection.cursor() as cursor:
        where = " ON chat_svc_message" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER poison{where}")
        if where:
            cursor.execute("DROP FUNCTION poison()")
    close_connections()


@pytest.mark.usefixtures("_poison_is_refused")
def test_a_message_that_the_database_refuses_is_refused_alone(
    chat: Chat, other: Chat, ada: User, bob: User, told: Told
):
    before = Chat.objects.get(id=chat.id).version

    outcomes = batch(
        [
            post(chat, ada, "a"),
            post(chat, bob, "poison"),
            post(chat, bob, "b"),
            post(other, bob, "elsewhere"),
            post(other, bob, "poison"),
        ]
    )

    assert [type(outcome) for outcome in outcomes] == [Sent, Unavailable, Sent, Sent, Unavailable]
    assert (numbers(chat), numbers(other)) == (gapless(2), gapless(1))
    assert Chat.objects.get(id=chat.id).version == before + 2
    assert len(told.items) == 3


@pytest.mark.usefixtures("_poison_is_refused")
def test_a_lone_message_that_the_database_refuses_leaves_nothing_behind(chat: Chat, bob: User, told: Told):
    before = Chat.objects.get(id=chat.id)

    with pytest.raises(Unavailable):
        say(chat, bob, "poison")

    after = Chat.objects.get(id=chat.id)
    assert (after.last_seq, after.version) == (before.last_seq, before.version)
    assert told.items == []
    assert say(chat, bob, "next").message["seq"] == 1


async def test_the_answers_of_a_batch_come_to_the_loop_in_one_hop(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    loop = asyncio.get_running_loop()
    hops: list[Any] = []
    hop = loop.call_soon_threadsafe
    answers: list[Any] = []
    threads: set[int] = set()
    pen = Writer()
    answered = asyncio.Event()

    def count(callback: Any, *args: Any, **options: Any) -> Any:
        hops.append(callback)
        return hop(callback, *args, **options)

    def on_done(outcome: Any) -> None:
        answers.append(outcome)
        threads.add(threading.get_ident())
        if len(answers) == 20:
            answered.set()

    monkeypatch.setattr(queue, "publish", lambda outcomes: None)
    monkeypatch.setattr(loop, "call_soon_threadsafe", count)

    with pen._changed:
        for _ in range(20):
            pen.submit(post(chat, bob), on_done, loop=loop)
    await asyncio.wait_for(answered.wait(), 10)

    assert len(hops) == 1
    assert threads == {threading.get_ident()}
    monkeypatch.undo()
    await asyncio.to_thread(pen.stop)


async def test_a_submitted_message_is_answered_on_the_loop_and_a_refusal_is_an_outcome(
    chat: Chat, bob: User, eve: User
):
    outcomes: asyncio.Queue[Any] = asyncio.Queue()

    for person in (bob, eve):
        services.submit_message(
            chat_id=chat.id,
            sender_id=person.id,
            client_id=uuid4(),
            body="x",
            reply_to=None,
            on_done=outcomes.put_nowait,
        )

    assert {type(await asyncio.wait_for(outcomes.get(), 10)) for _ in range(2)} == {Sent, NotAMember}


async def test_what_can_be_refused_without_asking_the_database_is_refused_at_once(
    chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
):
    answers: list[Any] = []

    def submit(body: str) -> None:
        services.submit_message(
            chat_id=chat.id, sender_id=bob.id, client_id=uuid4(), body=body, reply_to=None, on_done=answers.append
        )

    with pytest.raises(InvalidMessage):
        submit("")
    monkeypatch.setattr(queue, "QUEUE_LIMIT", 0)
    with pytest.raises(Unavailable):
        submit("x")

    assert answers == []


def test_an_answer_that_cannot_be_taken_does_not_hurt_the_next(chat: Chat, bob: User):
    closed = asyncio.new_event_loop()
    closed.close()
    pen, answer = Writer(), Future[Any]()

    def faulty(outcome: Any) -> None:
        raise RuntimeError("a fault")

    with pen._changed:
        pen.submit(post(chat, bob), faulty)
        pen.submit(post(chat, bob), faulty, loop=closed)
        pen.submit(post(chat, bob), answer.set_result)
    pen.stop()

    assert answer.result(timeout=10).message["seq"] == 3


async def test_what_comes_in_one_turn_of_the_loop_is_one_batch(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    loop = asyncio.get_running_loop()
    sizes: list[int] = []
    answers: asyncio.Queue[Any] = asyncio.Queue()
    pen = Writer()
    write = trouble.stored

    def note(posts: Any) -> Any:
        sizes.append(len(posts))
        return write(posts)

    monkeypatch.setattr(queue, "stored", note)
    pen.submit(post(chat, bob), answers.put_nowait, loop=loop)
    await asyncio.wait_for(answers.get(), 10)
    while not pen._rests:
        await asyncio.sleep(0)

    for _ in range(3):
        pen.submit(post(chat, bob), answers.put_nowait, loop=loop)
        time.sleep(0.05)  # as long as the turn lasts, the writer could run
    for _ in range(3):
        await asyncio.wait_for(answers.get(), 10)

    assert sizes == [1, 3]
    await asyncio.to_thread(pen.stop)
