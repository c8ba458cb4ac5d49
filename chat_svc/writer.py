"""The one writer of messages in a process: what arrives while a batch commits is the next batch.

One thread with its own connection; one transaction a batch. On PostgreSQL that is two statements in one pipeline:
lock the chats' rows in id order, then, with the fresh snapshot of a new statement, check, number and insert.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from abdre import events
from abdre.db import close_connections
from abdre.errors import AppError, Unavailable
from chat_svc.errors import ChatOver, InvalidMessage, NotAMember
from chat_svc.events import MessageJson, message_created, message_json
from chat_svc.models import Chat, Membership, Message, State
from user_svc.selectors import UserJson

log = logging.getLogger(__name__)

BATCH_LIMIT = 256
QUEUE_LIMIT = 10_000
IDLE_S = 1.0


@dataclass(frozen=True)
class Post:
    """One message to be stored. `(chat_id, sender_id, client_id)` says which: a repeat is the same message."""

    chat_id: UUID
    sender_id: UUID
    client_id: UUID
    body: str
    reply_to: int | None = None
    # The writer's thread serves people of all languages; a refusal is told in the asker's.
    language: str | None = field(default_factory=get_language)

    @property
    def key(self) -> tuple[UUID, UUID, UUID]:
        return self.chat_id, self.sender_id, self.client_id


@dataclass(frozen=True)
class Sent:
    message: MessageJson
    created: bool  # False: it was stored before


Outcome = Sent | AppError


class Writer:
    def __init__(self) -> None:
        self._waiting: deque[tuple[Post, Future[Sent]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def submit(self, post: Post) -> Future[Sent]:
        """The future resolves after the commit, or raises the refusal."""
        future: Future[Sent] = Future()
        with self._changed:
            if len(self._waiting) >= QUEUE_LIMIT:
                raise Unavailable(retry_after_s=1)
            self._waiting.append((post, future))
            self._start()
            self._changed.notify()
        return future

    def stop(self) -> None:
        """Write what waits and end the thread; the next `submit` begins anew."""
        with self._changed:
            thread, self._stopping = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="message-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                self._write(batch)
            except Exception:  # the outermost loop: without this thread no message of the process is ever stored
                log.exception("batch given up", extra={"messages": len(batch)})
                connection.close()
                _give_up(batch)
        close_connections()

    def _next_batch(self) -> list[tuple[Post, Future[Sent]]]:
        """What waits, or nothing when the writer shall end."""
        with self._changed:
            while not self._waiting:
                if self._stopping:
                    self._thread = None
                    return []
                if not self._changed.wait(IDLE_S):
                    close_connections()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_LIMIT))]

    def _write(self, batch: list[tuple[Post, Future[Sent]]]) -> None:
        # The same message twice in one batch (two sockets, one retry) is written once and answered twice.
        waiting: dict[tuple[UUID, UUID, UUID], list[Future[Sent]]] = {}
        posts: list[Post] = []
        for post, future in batch:
            if post.key not in waiting:
                posts.append(post)
            waiting.setdefault(post.key, []).append(future)
        outcomes = _stored(posts)
        try:
            _publish(outcomes)
        finally:  # stored is stored, whether or not others could be told
            for post, outcome in zip(posts, outcomes, strict=True):
                _answer(waiting[post.key], outcome)


def _answer(futures: list[Future[Sent]], outcome: Outcome) -> None:
    for position, future in enumerate(futures):
        if not future.set_running_or_notify_cancel():
            continue
        if isinstance(outcome, AppError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome if position == 0 else Sent(outcome.message, created=False))


def _give_up(batch: Sequence[tuple[Post, Future[Sent]]]) -> None:
    """Those that have no answer yet get one."""
    for post, future in batch:
        with suppress(InvalidStateError):
            future.set_exception(_unavailable(post))


def _unavailable(post: Post) -> AppError:
    with override(post.language):
        return Unavailable(retry_after_s=1)


def _stored(posts: Sequence[Post]) -> list[Outcome]:
    if not _connected():
        return [_unavailable(post) for post in posts]
    try:
        return _in_one_transaction(posts)
    except DatabaseError:
        # One poisonous message, one chat that somebody keeps locked, or a connection that died: chat by chat, so that
        # the others do not pay for it.
        log.warning("batch failed, retrying chat by chat", extra={"messages": len(posts)}, exc_info=True)
        connection.close()
    return _stored_by_chat(posts)


def _connected() -> bool:
    """Whether the database can be had. The pool waits for seconds, so who hears no does not ask for each message."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        log.warning("database away", exc_info=True)
        return False
    return True


def _stored_by_chat(posts: Sequence[Post]) -> list[Outcome]:
    outcomes: dict[Post, Outcome] = {}
    for chat_id in dict.fromkeys(post.chat_id for post in posts):
        if not _connected():
            break
        of_chat = [post for post in posts if post.chat_id == chat_id]
        outcomes |= zip(of_chat, _stored_of_chat(of_chat), strict=True)
    return [outcomes.get(post) or _unavailable(post) for post in posts]


def _stored_of_chat(posts: Sequence[Post]) -> list[Outcome]:
    try:
        return _in_one_transaction(posts)
    except OperationalError:  # the lock or the connection; the next message would fare no better
        log.exception("chat cannot be written", extra={"messages": len(posts)})
        connection.close()
        return [_unavailable(post) for post in posts]
    except DatabaseError:
        connection.close()
        return [_stored_alone(post) for post in posts]


def _stored_alone(post: Post) -> Outcome:
    try:
        return _in_one_transaction([post])[0]
    except DatabaseError:
        log.exception("message not stored")
        connection.close()
        return _unavailable(post)


def _in_one_transaction(posts: Sequence[Post]) -> list[Outcome]:
    with transaction.atomic():
        return _pipelined(posts) if connection.vendor == "postgresql" else _row_by_row(posts)


def _publish(outcomes: Sequence[Outcome]) -> None:
    """One event per chat, after the commit, in version order."""
    by_chat: dict[str, list[MessageJson]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Sent) and outcome.created:
            by_chat.setdefault(outcome.message["chat"], []).append(outcome.message)
    for chat_id, messages in by_chat.items():
        ordered = sorted(messages, key=lambda message: message["version"])
        group = events.chat_group(chat_id)
        events.hand_over(group, events.envelope(group, tuple(message_created(message) for message in ordered)))


def _refusal(post: Post, *, is_member: bool, is_over: bool) -> AppError:
    with override(post.language):
        if not is_member:
            return NotAMember()
        if is_over:
            return ChatOver()
        return InvalidMessage("reply_to", _("There is no such message."))


LOCK = "SELECT id FROM chat_svc_chat WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

# Inside one statement the snapshot would predate the wait for the lock; as a statement of its own it sees who was
# removed and what was stored meanwhile.
WRITE = """
WITH input AS (
    SELECT * FROM unnest(%s::int[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[])
        AS input(n, chat_id, sender_id, client_id, body, reply_to)
), state AS (
    SELECT input.*, chat.last_seq, chat.version,
        coalesce(membership.state = 'active', false) AS is_member,
        coalesce(chat.closed_at IS NOT NULL OR chat.expires_at <= statement_timestamp(), false) AS is_over,
        known.seq AS known_seq
    FROM input
    LEFT JOIN chat_svc_chat chat ON chat.id = input.chat_id
    LEFT JOIN chat_svc_membership membership
        ON membership.chat_id = input.chat_id AND membership.user_id = input.sender_id
    LEFT JOIN chat_svc_message known ON known.chat_id = input.chat_id
        AND known.sender_id = input.sender_id AND known.client_id = input.client_id
), fresh AS (
    SELECT n, chat_id, sender_id, client_id, body, reply_to,
        last_seq + row_number() OVER in_chat AS seq, version + row_number() OVER in_chat AS version
    FROM state
    WHERE is_member AND NOT is_over AND known_seq IS NULL
        AND (reply_to IS NULL OR reply_to BETWEEN 1 AND last_seq)
    WINDOW in_chat AS (PARTITION BY chat_id ORDER BY n)
), inserted AS (
    INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at, reply_to)
    SELECT chat_id, seq, version, sender_id, client_id, 'text', body, statement_timestamp(), reply_to FROM fresh
), advanced AS (
    UPDATE chat_svc_chat chat
    SET last_seq = newest.seq, version = newest.version, last_message_at = statement_timestamp()
    FROM (SELECT chat_id, max(seq) AS seq, max(version) AS version FROM fresh GROUP BY chat_id) newest
    WHERE chat.id = newest.chat_id
), own_mark AS (
    UPDATE chat_svc_membership membership SET read_seq = newest.seq
    FROM (SELECT chat_id, sender_id, max(seq) AS seq FROM fresh GROUP BY chat_id, sender_id) newest
    WHERE membership.chat_id = newest.chat_id AND membership.user_id = newest.sender_id
)
SELECT state.is_member, state.is_over, state.known_seq, fresh.seq, fresh.version, statement_timestamp(),
    sender.display_name, sender.is_guest
FROM state
LEFT JOIN fresh USING (n)
LEFT JOIN user_svc_user sender ON sender.id = state.sender_id
ORDER BY state.n
"""


def _pipelined(posts: Sequence[Post]) -> list[Outcome]:
    connection.ensure_connection()
    raw: Any = connection.connection
    columns = [
        list(range(len(posts))),
        [post.chat_id for post in posts],
        [post.sender_id for post in posts],
        [post.client_id for post in posts],
        [post.body for post in posts],
        [post.reply_to for post in posts],
    ]
    # Django's own cursors bind on the client, which a pipeline does not allow.
    with connection.wrap_database_errors, raw.pipeline(), psycopg.Cursor(raw) as lock, psycopg.Cursor(raw) as write:
        lock.execute(LOCK, [sorted({post.chat_id for post in posts})])
        write.execute(WRITE, columns)
        rows = write.fetchall()
    return [_outcome(post, row) for post, row in zip(posts, rows, strict=True)]


def _outcome(post: Post, row: tuple[Any, ...]) -> Outcome:
    is_member, is_over, known_seq, seq, version, created_at, display_name, is_guest = row
    if is_member and known_seq is not None:
        return _known(post)
    if seq is None:
        return _refusal(post, is_member=is_member, is_over=is_over)
    message = Message(
        chat_id=post.chat_id,
        seq=seq,
        version=version,
        client_id=post.client_id,
        body=post.body,
        created_at=created_at,
        reply_to=post.reply_to,
    )
    sender: UserJson = {"id": str(post.sender_id), "display_name": display_name, "is_guest": is_guest}
    return Sent(message_json(message, sender=sender), created=True)


def _known(post: Post) -> Sent:
    stored = Message.objects.select_related("sender").get(
        chat_id=post.chat_id, sender_id=post.sender_id, client_id=post.client_id
    )
    return Sent(message_json(stored), created=False)


def _row_by_row(posts: Sequence[Post]) -> list[Outcome]:
    """SQLite: the transaction holds the only write lock there is."""
    return [_write_row(post) for post in posts]


def _write_row(post: Post) -> Outcome:
    chat = Chat.objects.filter(id=post.chat_id).first()
    memberships = Membership.objects.filter(chat_id=post.chat_id, user_id=post.sender_id, state=State.ACTIVE)
    membership = memberships.select_related("user").first()
    if chat is None or membership is None:
        return _refusal(post, is_member=False, is_over=False)
    if Message.objects.filter(chat_id=post.chat_id, sender_id=post.sender_id, client_id=post.client_id).exists():
        return _known(post)
    if chat.is_over:
        return _refusal(post, is_member=True, is_over=True)
    if post.reply_to is not None and not 1 <= post.reply_to <= chat.last_seq:
        return _refusal(post, is_member=True, is_over=False)
    message = Message.objects.create(
        chat=chat,
        seq=chat.last_seq + 1,
        version=chat.version + 1,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
    )
    Chat.objects.filter(id=chat.id).update(
        last_seq=F("last_seq") + 1, version=F("version") + 1, last_message_at=timezone.now()
    )
    memberships.update(read_seq=message.seq)
    return Sent(message_json(message), created=True)


writer = Writer()
atexit.register(writer.stop)
