"""Stored jobs: done once what asked for them is committed, tried again when they fail, and then forgotten."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from abdre import jobs, metrics
from abdre.tests.measured import Measured

pytestmark = pytest.mark.django_db

done: list[str] = []
problems: list[Exception] = []


@task()
def note(word: str) -> None:
    if problems:
        raise problems.pop()
    done.append(word)


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    done.clear()
    problems.clear()


@pytest.fixture
def measured() -> Iterator[Measured]:
    with Measured() as measured:
        yield measured


def test_jobs_are_counted_by_task_and_outcome(measured: Measured):
    note.enqueue("tea")
    note.enqueue("milk")
    problems.append(ValueError())

    jobs.do_all()

    task = note.module_path
    assert measured.by("abdre_jobs_total", "task", "outcome") == {(task, "failed"): 1, (task, "successful"): 1}
    assert measured("abdre_job_duration_seconds_count", task=task) == 2


def test_after_a_job_that_cannot_be_counted_the_next_one_is_done(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(metrics.JOBS, "add", full)
    note.enqueue("tea")
    note.enqueue("milk")

    jobs.do_all()

    assert done == ["tea", "milk"]


def test_what_is_due_is_measured_and_not_what_is_for_later(measured: Measured):
    note.enqueue("tea")
    note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("dinner")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=1))

    jobs.measure_waiting()

    assert measured("abdre_jobs_waiting") == 1
    assert measured("abdre_jobs_oldest_seconds") == pytest.approx(60, abs=10)

    jobs.do_all()
    jobs.measure_waiting()

    assert (measured("abdre_jobs_waiting"), measured("abdre_jobs_oldest_seconds")) == (0, 0)


def later(**age: float) -> None:
    """As if so much time had passed."""
    for row in DBTaskResult.objects.all():
        for moment in ("started_at", "finished_at"):
            if at := getattr(row, moment):
                setattr(row, moment, at - timedelta(**age))
        row.save()


def test_what_was_asked_for_is_done_once():
    note.enqueue("tea")

    jobs.do_all()
    jobs.do_all()

    assert done == ["tea"]


def test_what_was_taken_back_is_not_done():
    with transaction.atomic():
        note.enqueue("tea")
        transaction.set_rollback(True)

    jobs.do_all()

    assert done == []


def test_what_failed_is_tried_again_after_a_pause():
    problems.append(OSError("the mail server is away"))
    note.enqueue("tea")
    jobs.do_all()
    assert done == []

    jobs.tidy()
    jobs.do_all()
    assert done == []

    later(seconds=15)
    jobs.tidy()
    jobs.do_all()
    assert done == ["tea"]


def test_what_fails_again_and_again_is_given_up():
    note.enqueue("tea")
    for _ in range(jobs.TRIES + 3):
        problems[:] = [OSError("the mail server is away")]
        jobs.do_all()
        later(hours=4)
        jobs.tidy()

    assert len(DBTaskResult.objects.get().worker_ids) == jobs.TRIES
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def test_what_a_worker_died_of_is_done_by_the_next():
    note.enqueue("tea")
    DBTaskResult.objects.get().claim("somebody who is gone")
    jobs.tidy()
    jobs.do_all()
    assert done == []

    later(minutes=2)
    jobs.tidy()
    jobs.do_all()

    assert done == ["tea"]


def test_what_kills_every_worker_is_given_up():
    note.enqueue("tea")
    for _ in range(jobs.TRIES + 3):
        if DBTaskResult.objects.ready().exists():
            DBTaskResult.objects.get().claim("somebody who is gone")
        later(minutes=2)
        jobs.tidy()

    assert len(DBTaskResult.objects.get().worker_ids) == jobs.TRIES
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def test_what_is_done_is_forgotten():
    note.enqueue("tea")
    jobs.do_all()

    jobs.tidy()
    assert DBTaskResult.objects.exists()

    later(hours=2)
    jobs.tidy()
    assert not DBTaskResult.objects.exists()


def test_what_is_due_later_waits():
    note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("tea")

    jobs.do_all()

    assert done == []


def test_what_was_given_up_is_forgotten_after_a_day():
    problems.append(OSError("the mail server is away"))
    note.enqueue("tea")
    jobs.do_all()
    DBTaskResult.objects.update(worker_ids=["w"] * jobs.TRIES)

    later(hours=23)
    jobs.tidy()
    assert DBTaskResult.objects.exists()

    later(hours=2)
    jobs.tidy()
    assert not DBTaskResult.objects.exists()


def test_whatever_was_asked_for_somebody_can_be_forgotten_at_once_but_what_is_being_done():
    note.enqueue("tea")
    problems.append(OSError("the mail server is away"))
    jobs.do_all()
    note.enqueue("coffee")
    note.enqueue("tea")
    jobs.do_all()
    note.enqueue("tea")
    DBTaskResult.objects.ready().get().claim("somebody who does it now")
    note.enqueue("tea")
    states = {"SUCCESSFUL": 1, "FAILED": 1, "RUNNING": 1, "READY": 1}
    assert Counter(job.status for job in DBTaskResult.objects.filter(args_kwargs__args__0="tea")) == states

    jobs.forget("tea")

    left = sorted((job.args_kwargs["args"][0], job.status) for job in DBTaskResult.objects.all())
    assert left == [("coffee", TaskResultStatus.SUCCESSFUL), ("tea", TaskResultStatus.RUNNING)]
