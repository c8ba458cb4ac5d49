"""Runs the parts of a check or test run, a few at a time, and adds their tallies up.

Each part's output is printed in one piece when it ends, so that two at once stay readable.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
TALLY_FILE = "ABDRE_TALLY_FILE"
LAST_LINES = 12  # of a part that went well: its figures and its tally


class Tally(NamedTuple):
    passed: int
    failed: int

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


@dataclass(frozen=True)
class Job:
    """One command; `count` reads its tally from (exit code, output, tally file)."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    count: Callable[[int, str, Path], Tally] | None = None


def by_exit_code(code: int, _output: str, _file: Path) -> Tally:
    return Tally(0, 1) if code else Tally(1, 0)


def by_pytest(code: int, _output: str, file: Path) -> Tally:
    """What deploy/tests/plugin.py wrote. A skipped test is a test that proved nothing: it counts as failed."""
    if not file.stat().st_size:
        return Tally(0, 1)
    counts = json.loads(file.read_text())
    failed = counts["failed"] + counts["error"] + counts["skipped"]
    return Tally(counts["passed"], failed or int(code != 0))


def by_node(code: int, output: str, _file: Path) -> Tally:
    counts = {word: int(number) for word, number in re.findall(r"^\W*(pass|fail|skipped) (\d+)$", output, re.MULTILINE)}
    failed = counts.get("fail", 0) + counts.get("skipped", 0)
    return Tally(counts.get("pass", 0), failed or int(code != 0))


def by_last_line(code: int, output: str, _file: Path) -> Tally:
    """The tally that a part of its own runner ends with."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    passed, failed = map(int, found[-1]) if found else (0, 0)
    return Tally(passed, failed or int(code != 0))


class Runner:
    """Runs jobs side by side and ends them when it is told to stop."""

    def __init__(self) -> None:
        self.running: set[subprocess.Popen[str]] = set()
        self.lock = threading.Lock()
        self.total = Tally(0, 0)
        self.broken: list[str] = []

    def run(self, jobs: Sequence[Job], *, at_once: int = 2) -> None:
        """Started in the order given; who has long ones puts them first."""
        pool = ThreadPoolExecutor(at_once)
        try:
            list(pool.map(self.run_one, jobs))
        except BaseException:
            self.end_all()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def run_one(self, job: Job) -> None:
        began = time.monotonic()
        with tempfile.NamedTemporaryFile(prefix="abdre-tally-") as file:
            process = subprocess.Popen(
                list(job.command),
                cwd=ROOT,
                env={**os.environ, TALLY_FILE: file.name, **job.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            self.running.add(process)
            output, _ = process.communicate()
            self.running.discard(process)
            tally = (job.count or by_exit_code)(process.returncode, output, Path(file.name))
        self.report(job, tally, output, time.monotonic() - began)

    def report(self, job: Job, tally: Tally, output: str, seconds: float) -> None:
        with self.lock:
            self.add(tally)
            word = "FAILED" if tally.failed else "ok"
            print(f"── {job.name} · {word} · {tally} · {seconds:.1f} s", flush=True)
            lines = output.rstrip().splitlines()
            if tally.failed:
                self.broken.append(job.name)
                print(_indented(lines), flush=True)
            elif job.count is not None:
                print(_indented(lines[-LAST_LINES:]), flush=True)

    def add(self, tally: Tally) -> None:
        self.total = Tally(self.total.passed + tally.passed, self.total.failed + tally.failed)

    def end_all(self) -> None:
        for process in list(self.running):
            process.send_signal(signal.SIGTERM)


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"   {line}" for line in lines)
