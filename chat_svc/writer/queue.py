"""The queue before the one writing thread: what arrives while a batch commits is the next batch."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from uuid import UUID

from django.db import connection

from abdre.db import close_connections
from abdre.errors import AppError, Unavailable
from chat_svc.writer.news import publish
from chat_svc.writer.posts import Outcome, Post, Sent, unavailable
from chat_svc.writer.trouble import stored

log = logging.getLogger(__name__)

BATCH_LIMIT = 256
QUEUE_LIMIT = 10_000
IDLE_S = 1.0


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
        outcomes = stored(posts)
        try:
            publish(outcomes)
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
            future.set_exception(unavailable(post))
