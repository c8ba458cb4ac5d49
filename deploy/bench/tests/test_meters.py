"""What a process used is counted whoever of its threads used it."""

import os
import time
from threading import Thread

import pytest

from deploy.bench import meters


def busy(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


def in_a_thread(seconds: float) -> None:
    thread = Thread(target=busy, args=[seconds])
    thread.start()
    thread.join()


@pytest.mark.parametrize("work", [busy, in_a_thread])
def test_the_work_of_threads_that_have_ended_counts(work):
    before, began = meters.cpu([os.getpid()]), time.process_time()

    work(0.3)

    used = time.process_time() - began
    assert meters.cpu([os.getpid()]).since(before) == pytest.approx(used, abs=0.05)


def test_a_process_that_is_gone_has_used_nothing():
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)

    assert meters.cpu([pid]).since(meters.Cpu({})) == 0
    assert meters.parent_of(pid) == 0
