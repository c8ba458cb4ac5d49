"""The queue before the one writing thread: what arrives while a batch commits is the next batch."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from abdre import metrics, tracing
from abdre.db import close_connections
from abdre.errors import AppError, Unavailable
from chat_svc.writer import firsts
from chat_svc.writer.news import count, publish
from chat_svc.writer.pace import too_fast
from chat_svc.writer.posts import Answer, Held, Outcome, Post, Sent, dressed, unavailable
from chat_svc.writer.trouble import stored

log = logging.getLogger(__name__)

BATCH_LIMIT = 256
QUEUE_LIMIT = 10_000
QUEUE_LIMIT_CHARS = 16_000_000  # as many short messages as above, and at most 64 MB of long ones
# One chat's share: its flood is refused before it takes the room of the others.
CHAT_LIMIT = 2_500
# What a chat's turn takes: neighbours share the chat's lock, its publication and the frame to each reader.
TURN = 16
IDLE_S = 60.0  # then the connection is given back; taking one anew costs more than storing a message


class Waiting(NamedTuple):
    post: Post
    on_done: Answer
    loop: asyncio.AbstractEventLoop | None  # where to answer; None: on the writer's own thread
    asked_at: float  # by `time.perf_counter`
    span: Any = None  # that it is asked in, where there are traces


class Lanes:
    """What waits, a lane per chat; taken in turns, so that a flood in one chat does not hold the others up."""

    def __init__(self) -> None:
        self._of_chat: dict[int, deque[Waiting]] = {}
        self._turns: deque[int] = deque()
        self._count = 0
        self._chars = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def __len__(self) -> int:
        return self._count

    def put(self, one: Waiting) -> None:
        """Raises Unavailable."""
        chat, chars = one.post.chat_id.int, self._chars + len(one.post.body)
        lane = self._of_chat.get(chat)
        is_flooded = lane is not None and len(lane) >= CHAT_LIMIT
        if is_flooded or self._count >= QUEUE_LIMIT or chars > QUEUE_LIMIT_CHARS:
            raise Unavailable(retry_after_s=1)
        if lane is None:
            lane = self._of_chat[chat] = deque()
            self._turns.append(chat)
        lane.append(one)
        self._count += 1
        self._chars = chars

    def take(self, limit: int) -> list[Waiting]:
        taken: list[Waiting] = []
        while self._turns and len(taken) < limit:
            chat = self._turns.popleft()
            lane = self._of_chat[chat]
            taken += [lane.popleft() for _ in range(min(TURN, len(lane), limit - len(taken)))]
            if lane:
                self._turns.append(chat)
            else:
                del self._of_chat[chat]
        self._count -= len(taken)
        self._chars -= sum(len(one.post.body) for one in taken)
        return taken


class Writer:
    def __init__(self) -> None:
        self._lanes = Lanes()
        metrics.WRITER_QUEUE.read_from(lambda: {(): len(self._lanes)})
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._rests = False
        self._woken_by: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def submit(self, post: Post, on_done: Answer, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """`on_done` gets the outcome after the commit; on `loop`, which is then the caller's. Raises Unavailable."""
        with self._changed:
            self._lanes.put(Waiting(post, on_done, loop, time.perf_counter(), tracing.here()))
            if self._thread is None:
                self._start()
            elif self._rests:
                self._wake_after(loop)

    def _wake_after(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """When the loop has done what is ready: woken by the first of many messages, the writer would run off with
        that one, and the others would wait for two commits instead of one."""
        if loop is None:
            self._changed.notify()
        elif loop is not self._woken_by:
            self._woken_by = loop
            loop.call_soon(self._wake)

    def _wake(self) -> None:
        with self._changed:
            self._woken_by = None
            if self._rests:
                self._changed.notify()

    def stop(self) -> None:
        """Write what waits and end the thread; the next `submit` begins anew."""
        with self._changed:
            thread, self._stopping = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="message-writer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while batch := self._next_batch():
            with tracing.deed("write messages", asked_by=[one.span for one in batch], messages=len(batch)):
                outcomes = _written([one.post for one in batch])
                committed_at = time.perf_counter()
                _tell(outcomes)
            _answer(batch, outcomes)
            _measure(batch, outcomes, committed_at)
        close_connections()

    def _next_batch(self) -> list[Waiting]:
        """What waits, or nothing when the writer shall end."""
        with self._changed:
            while not self._lanes:
                if self._stopping:
                    self._thread = None
                    return []
                self._rests = True
                came = self._changed.wait(IDLE_S)
                self._rests = False
                if not came:
                    close_connections()
            return self._lanes.take(BATCH_LIMIT)


def _measure(batch: Sequence[Waiting], outcomes: Sequence[Outcome], committed_at: float) -> None:
    try:
        count(outcomes)
        if metrics.is_on():
            firsts.note(outcomes)
            metrics.WRITER_BATCH.observe(len(batch))
            metrics.WRITER_COMMIT_SECONDS.observe(committed_at - min([one.asked_at for one in batch]))
    except Exception:  # the processes' common folder may be full or gone: that costs a figure, not this thread
        log.exception("batch not counted", extra={"messages": len(batch)})


def _written(posts: Sequence[Post]) -> list[Outcome]:
    """An outcome for each. The same message twice in one batch (two sockets, one retry) is written once."""
    once: dict[tuple[int, int, int], Post] = {}
    keys = [post.key for post in posts]
    for key, post in zip(keys, posts, strict=True):
        first = once.setdefault(key, post)
        if first.leave is None and post.leave is not None:  # who lets it through goes before its author, who asks again
            once[key] = post
    try:
        outcomes = _stored_but_for(too_fast(once.values()), list(once.values()))
    except Exception:  # the outermost loop: without this thread no message of the process is ever stored
        log.exception("batch given up", extra={"messages": len(posts)})
        connection.close()
        return [unavailable(post) for post in posts]
    if len(once) == len(posts):
        return outcomes
    by_key = dict(zip(once, outcomes, strict=True))
    return [by_key[key] if once[key] is post else _repeated(by_key[key]) for key, post in zip(keys, posts, strict=True)]


def _stored_but_for(refused: Mapping[tuple[int, int, int], AppError], posts: Sequence[Post]) -> list[Outcome]:
    if not refused:
        return stored([dressed(post) for post in posts])
    outcomes = iter(stored([dressed(post) for post in posts if post.key not in refused]))
    return [refused.get(post.key) or next(outcomes) for post in posts]


def _repeated(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Sent):
        return Sent(outcome.message, created=False)
    return Held(outcome.held, created=False) if isinstance(outcome, Held) else outcome


def _tell(outcomes: Sequence[Outcome]) -> None:
    try:
        publish(outcomes)
    except Exception:  # stored is stored, whether or not others could be told: versions heal it
        log.exception("batch not published", extra={"messages": len(outcomes)})


def _answer(batch: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """One hop for each loop: waking one for each message costs more than the message."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[tuple[Answer, Outcome]]] = {}
    for one, outcome in zip(batch, outcomes, strict=True):
        by_loop.setdefault(one.loop, []).append((one.on_done, outcome))
    for loop, answers in by_loop.items():
        if loop is None:
            _call(answers)
            continue
        try:
            loop.call_soon_threadsafe(_call, answers)
        except RuntimeError:  # closed meanwhile: nobody is there to hear it
            log.warning("answers for a loop that is closed", extra={"messages": len(answers)})


def _call(answers: Sequence[tuple[Answer, Outcome]]) -> None:
    for on_done, outcome in answers:
        try:
            on_done(outcome)
        except Exception:  # one caller's fault is not the next one's
            log.exception("answer not taken")
