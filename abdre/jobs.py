"""Work that nobody waits for (mails, archives): stored with the change that asks for it, done by a worker.

A service marks a function with `@task()` of django-tasks and calls `.enqueue(…)`: the row is part of the caller's
transaction, so what was promised is not lost. A job may be done twice, where a worker dies in the middle of one.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Case, Count, Min, When
from django.utils import timezone
from psycopg_pool import PoolTimeout

from abdre import metrics, tracing
from abdre.db import close_connections, sweep_pool

log = logging.getLogger(__name__)

# The least priority of what each thread does. While one makes an archive of a hundred thousand messages, letters go out
# by the other; and that one leaves alone what nobody waits for (below 0), or much of it would hold up both.
ANY_PRIORITY, USUAL_PRIORITY = -100, 0
THREADS = (ANY_PRIORITY, USUAL_PRIORITY)
LOOK_EVERY_S = 0.5
# Whoever does a job says so often that they live; after this long without a word they are dead.
BEAT_EVERY_S = 10.0
LOST_AFTER = timedelta(minutes=1)
# A mail server that is away for an afternoon is waited for: 15 s, 30 s, 1 min … 2 h, some four hours in all.
TRIES = 10
FIRST_PAUSE = timedelta(seconds=15)
# How long what was done is kept: it names people.
DONE_KEPT = timedelta(hours=1)
FAILED_KEPT = timedelta(days=1)
TIDY_EVERY_S = 15.0
# How long the end of the process waits for the jobs at hand; gunicorn waits longer for the process (graceful_timeout).
STOP_WITHIN_S = 15.0


_at_hand: set[UUID] = set()


class Worker:
    """Threads of the process that do the jobs, each one after the other."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(least,), name="jobs", daemon=True) for least in THREADS
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        until = time.monotonic() + STOP_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if _at_hand:
            _give_back()

    def _run(self, least_priority: int) -> None:
        tidy_in_s = 0.0
        while not self._stopping.wait(LOOK_EVERY_S):
            tidy_in_s -= LOOK_EVERY_S
            try:
                while not self._stopping.is_set() and _do_one(least_priority):
                    pass
                if tidy_in_s <= 0:
                    tidy()
                    tidy_in_s = TIDY_EVERY_S
            except (DatabaseError, PoolTimeout):  # away: the next look tries again
                log.warning("jobs cannot be looked for", exc_info=True)
                sweep_pool()
            finally:
                close_connections()


@cache
def worker() -> Worker:
    """The process's own."""
    return Worker()


def start() -> None:
    """Begin, where this process does the jobs."""
    if settings.DOES_JOBS:
        worker().start()


def stop() -> None:
    if settings.DOES_JOBS:
        worker().stop()


def do_all() -> None:
    """Everything that is due, in this thread."""
    while _do_one(ANY_PRIORITY):
        pass


def _do_one(least_priority: int) -> bool:
    """Whether there was one to do. What a job raises is noted in its row, and logged by django-tasks."""
    # The tables are not there in a role without a database, which imports this module too.
    from django_tasks_db.models import DBTaskResult

    ready = DBTaskResult.objects.ready().filter(priority__gte=least_priority)
    if not ready.exists():  # asked without a lock: mostly there is nothing
        return False
    with transaction.atomic():
        job = ready.get_locked()
        if job is None:  # another worker was first
            return False
        job.claim(str(uuid4()))
    began = time.perf_counter()
    _at_hand.add(job.id)
    try:
        with tracing.deed(f"job {job.task_path}", job=str(job.id)), _beating(job.id):
            _runner().run_task(job)
    finally:
        _at_hand.discard(job.id)
    _measure(job, time.perf_counter() - began)
    return True


def _measure(job: Any, took_s: float) -> None:
    try:
        metrics.JOBS.add(1, job.task_path, job.status.lower())
        metrics.JOB_SECONDS.observe(took_s, job.task_path)
    except Exception:  # the processes' common folder may be full or gone: that costs a figure, not the thread of jobs
        log.exception("job not counted", extra={"job": str(job.id)})


def _give_back() -> None:
    """The process ends in the middle of these; else they would wait until they are taken for lost."""
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    try:
        DBTaskResult.objects.running().filter(id__in=[*_at_hand]).update(status=TaskResultStatus.READY)
    except (DatabaseError, PoolTimeout):
        log.warning("jobs cannot be given back", exc_info=True)
    finally:
        close_connections()


@contextmanager
def _beating(job_id: UUID) -> Iterator[None]:
    """Say now and then, in the job's row, that whoever does it lives."""
    done = threading.Event()
    beats = threading.Thread(target=_beat, args=(job_id, done), name="heartbeat", daemon=True)
    beats.start()
    try:
        yield
    finally:
        done.set()
        beats.join()


def _beat(job_id: UUID, done: threading.Event) -> None:
    from django_tasks_db.models import DBTaskResult

    while not done.wait(BEAT_EVERY_S):
        try:
            DBTaskResult.objects.running().filter(id=job_id).update(started_at=timezone.now())
        except (DatabaseError, PoolTimeout):  # away: so it is for whoever would take the job over
            log.warning("job cannot say that it goes on", exc_info=True)
        finally:
            close_connections()


@cache
def _runner() -> Any:
    """django-tasks' own worker, which knows how a job is done and noted; its loop, signals and connections are not."""
    from django_tasks_db.management.commands.db_worker import Worker as Runner

    return Runner(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="",
    )


def forget(subject: str | int) -> None:
    """Nothing is left of what was or will be done for `subject`, the first argument of jobs about somebody.

    But for what is being done at this moment, which may be what asks.
    """
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    idle = DBTaskResult.objects.exclude(status=TaskResultStatus.RUNNING)
    idle.filter(args_kwargs__args__0=subject).delete()


def measure_waiting() -> None:
    """How many are due and not begun, and for how long the first of them has been."""
    from django_tasks_db.models import DBTaskResult

    now = timezone.now()
    due = DBTaskResult.objects.ready().order_by()
    # One that may begin at once has the end of time in `run_after`.
    begins = Case(When(run_after__lte=now, then="run_after"), default="enqueued_at")
    found = due.aggregate(count=Count("id"), first=Min(begins))
    metrics.JOBS_WAITING.set(found["count"])
    metrics.JOBS_OLDEST.set((now - found["first"]).total_seconds() if found["first"] else 0.0)


def tidy() -> None:
    """Try again what failed or was lost with its worker; forget what is long done."""
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    now = timezone.now()
    for lost in DBTaskResult.objects.running().filter(started_at__lt=now - LOST_AFTER):
        same = DBTaskResult.objects.running().filter(id=lost.id, started_at=lost.started_at)
        if len(lost.worker_ids) < TRIES:
            same.update(status=TaskResultStatus.READY)
        else:  # it may be what kills them
            same.update(status=TaskResultStatus.FAILED, finished_at=now)
    for failed in DBTaskResult.objects.failed():
        tries = len(failed.worker_ids)
        pause = FIRST_PAUSE * 2 ** (tries - 1)
        if tries < TRIES and failed.finished_at is not None and failed.finished_at + pause <= now:
            same = DBTaskResult.objects.failed().filter(id=failed.id, finished_at=failed.finished_at)
            same.update(status=TaskResultStatus.READY)
    DBTaskResult.objects.successful().filter(finished_at__lt=now - DONE_KEPT).delete()
    DBTaskResult.objects.failed().filter(finished_at__lt=now - FAILED_KEPT).delete()
