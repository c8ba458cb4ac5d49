"""The worker as a process of its own: what it serves, and what becomes of a job when it ends."""

import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from abdre import jobs
from abdre.db import close_connections
from abdre.tests.slowly import write_slowly
from deploy.ci.stack import WORKER, Role

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WITHIN_S = 30


class InTheImage(Role):
    """Started as the image's entry point does it."""

    def module(self, under: str) -> list[str]:
        return ["gunicorn", "--config", "deploy/docker/gunicorn.conf.py", "abdre.asgi:application"]


@pytest.fixture
def worker() -> Iterator[Callable[..., Role]]:
    """Starts one, on the database of this test."""
    facts = settings.DATABASES["default"]
    where = f"{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    environment = {**os.environ, "DATABASE_URL": f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{where}"}
    started: list[Role] = []

    def start(kind: type[Role] = Role) -> Role:
        started.append(kind(WORKER, environment))
        started[-1].start()
        return started[-1]

    yield start
    for role in started:
        role.stop()


def until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process does it, which can only be looked at


def end(role: Role, how: signal.Signals) -> None:
    assert role.process is not None
    role.process.send_signal(how)
    role.process.wait(WITHIN_S)


def test_it_answers_probes_and_nothing_else(worker):
    url = worker().url

    answers = [urllib.request.urlopen(f"{url}/{path}").status for path in ("livez", "readyz")]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{url}/api/users/me")

    assert answers == [200, 200]


@pytest.mark.parametrize("kind", [Role, InTheImage])
def test_told_to_end_it_ends_the_job_at_hand_first(worker, tmp_path: Path, kind: type[Role]):
    note = tmp_path / "note"
    role = worker(kind)
    write_slowly.enqueue(str(note), 3.0)
    until(note.exists)

    end(role, signal.SIGTERM)

    assert note.read_text() == "begun done "
    assert DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL


def test_a_job_that_takes_too_long_for_that_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "STOP_WITHIN_S", 0.1)
    note = tmp_path / "note"
    write_slowly.enqueue(str(note), 1.5)
    ending = jobs.Worker()
    ending.start()
    until(note.exists)

    ending.stop()

    assert DBTaskResult.objects.get().status == TaskResultStatus.READY
    until(lambda: note.read_text() == "begun done ")  # the thread goes on, as long as the process does
    until(lambda: DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL)


def test_a_long_job_holds_up_no_short_one(worker, tmp_path: Path):
    long, short = tmp_path / "long", tmp_path / "short"
    worker()
    write_slowly.enqueue(str(long), 5.0)
    until(long.exists)
    write_slowly.enqueue(str(short), 0.0)

    until(lambda: short.exists() and short.read_text() == "begun done ")

    assert long.read_text() == "begun "


def test_what_nobody_waits_for_never_takes_both_threads(worker, tmp_path: Path):
    note = tmp_path / "note"
    for _ in range(2):
        write_slowly.using(priority=-1).enqueue(str(note), 3 * jobs.LOOK_EVERY_S)

    worker()

    until(lambda: note.exists() and note.read_text().count("done") == 2)
    assert note.read_text() == "begun done begun done "


def test_what_it_was_killed_amid_is_done_by_the_next(worker, tmp_path: Path):
    note = tmp_path / "note"
    role = worker()
    write_slowly.enqueue(str(note), 0.5)
    until(note.exists)
    end(role, signal.SIGKILL)
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING

    # As if it had said nothing for that long.
    DBTaskResult.objects.update(started_at=timezone.now() - jobs.LOST_AFTER - timedelta(seconds=1))
    worker()

    until(lambda: note.read_text() == "begun begun done ")
    until(lambda: DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL)


def test_who_takes_long_at_a_job_is_not_taken_for_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "BEAT_EVERY_S", 0.1)
    note = tmp_path / "note"
    write_slowly.enqueue(str(note), 2.0)
    long_ago = timezone.now() - timedelta(hours=1)

    doing = threading.Thread(target=_in_a_thread, args=(jobs.do_all,))
    doing.start()
    until(note.exists)
    DBTaskResult.objects.update(started_at=long_ago)
    until(lambda: DBTaskResult.objects.get().started_at != long_ago)
    jobs.tidy()
    jobs.do_all()
    doing.join()

    assert note.read_text() == "begun done "


def test_two_side_by_side_do_each_job_once(tmp_path: Path):
    notes = [tmp_path / str(number) for number in range(30)]
    for path in notes:
        write_slowly.enqueue(str(path), 0.01)

    both = [threading.Thread(target=_in_a_thread, args=(jobs.do_all,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    jobs.do_all()  # what one of them may have passed over, while the other had it locked

    assert [path.read_text() for path in notes] == ["begun done "] * 30
    assert {len(job.worker_ids) for job in DBTaskResult.objects.all()} == {1}


def _in_a_thread(deed: Callable[[], None]) -> None:
    try:
        deed()
    finally:
        close_connections()
