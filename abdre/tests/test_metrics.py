"""What is counted, where the counts are shown, and that they name nobody."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import abdre
from abdre import clock, health, metrics, tally
from abdre.door import Door
from abdre.metrics import listener, sampling
from abdre.metrics.kinds import ALL, Counter
from abdre.metrics.together import Together
from abdre.seen import note_route
from abdre.store import StoreAway
from abdre.store.redis import RedisStore
from abdre.tests.measured import Measured
from deploy.ci.servers import free_port


@pytest.fixture
def measured() -> Iterator[Measured]:
    with Measured() as measured:
        yield measured


async def passed(path: str, *, route: str = "", status: int = 200, method: str = "GET") -> None:
    """A request through the door, to a role that answers it by this route."""

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        if route:
            note_route(route)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nothing(*_: Any) -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": method, "path": path, "scheme": "http", "client": ("10.0.0.9", 5), "headers": []}
    await Door(inside)(scope, nothing, nothing)


async def test_a_request_is_counted_by_its_routes_pattern(measured: Measured):
    await passed("/chats/7", route="/chats/<id>", status=404)

    assert measured("abdre_http_requests_total", method="GET", route="/chats/<id>", status="404") == 1
    assert measured("abdre_http_request_duration_seconds_count", method="GET", route="/chats/<id>") == 1
    assert measured("abdre_http_requests_in_progress") == 0


async def test_whatever_strangers_ask_for_is_one_label(measured: Measured):
    for number in range(3):
        await passed(f"/wp-admin/{number}", method=f"M{number}", status=404)

    assert measured.by("abdre_http_requests_total", "method", "route", "status") == {("other", "unknown", "404"): 3}


async def test_probes_are_no_requests(measured: Measured):
    await passed("/livez")

    assert measured.by("abdre_http_requests_total", "route") == {}


def test_what_is_tallied_for_staff_is_counted_by_the_same_call(measured: Measured):
    tally.add("tea", 3)

    assert measured("abdre_events_total", name="tea") == 3


def succeed() -> None:
    """A periodic deed."""


def fail() -> None:
    raise ValueError


def test_periodic_deeds_say_when_they_were_done_and_how_often_not(measured: Measured):
    for deed in ("succeed", "fail"):
        clock._do(f"{__name__}.{deed}")

    assert list(measured.by("abdre_periodic_success_timestamp_seconds", "deed")) == [(f"{__name__}.succeed",)]
    assert measured.by("abdre_periodic_failures_total", "deed") == {(f"{__name__}.fail",): 1}


def test_a_deed_that_has_never_been_done_is_missed_from_the_start(measured: Measured, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "_run", lambda _: None)
    began = time.time()

    clock.start([(f"{__name__}.fail", 3600)])

    assert (measured("abdre_periodic_success_timestamp_seconds", deed=f"{__name__}.fail") or 0) >= began


def test_questions_that_the_store_does_not_answer_are_counted(measured: Measured):
    away = RedisStore("redis://127.0.0.1:1")
    for _ in range(2):  # the second is not even asked
        with pytest.raises(StoreAway):
            away.ping()

    assert measured("abdre_store_requests_total", outcome="away") == 2


@pytest.mark.postgres
def test_questions_to_the_store_are_counted(measured: Measured):
    from django.conf import settings

    RedisStore(settings.REDIS_URL).ping()

    assert measured("abdre_store_requests_total", outcome="ok") == 1


def test_what_a_role_needs_is_told_as_its_probe_tells_it(measured: Measured, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "_needs", lambda: {"keys": lambda: "ok", "tea": lambda: "there is none"})

    health.checks()

    assert measured.by("abdre_ready", "check") == {("keys",): 1}
    assert measured("abdre_ready", check="tea") == 0


def test_of_the_pool_only_what_was_added_since_is_counted(measured: Measured, monkeypatch: pytest.MonkeyPatch):
    stats = {"pool_size": 4, "pool_available": 1, "requests_waiting": 2, "requests_errors": 3, "requests_wait_ms": 500}
    monkeypatch.setattr(sampling, "_stats_of", lambda _: stats)
    monkeypatch.setattr(sampling, "_seen", {})

    sampling.look()
    stats |= {"requests_errors": 4, "requests_wait_ms": 600}
    sampling.look()

    assert measured.by("abdre_database_pool_connections", "state") == {("open",): 4, ("idle",): 1, ("waiting",): 2}
    assert measured("abdre_database_pool_errors_total") == 4
    assert measured("abdre_database_pool_wait_seconds_total") == pytest.approx(0.6)


def test_the_process_is_measured_under_the_usual_names(measured: Measured):
    sampling.look()

    for name in ("cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds"):
        assert (measured(f"process_{name}") or 0) > 0, name


def test_what_is_looked_at_and_gone_is_nothing(measured: Measured, monkeypatch: pytest.MonkeyPatch):
    there = {("chat", "http://a"): 2.0}
    monkeypatch.setattr(metrics.UPSTREAM_BREAKER, "_read", lambda: there)
    sampling.look()
    there = {("chat", "http://b"): 0.0}
    sampling.look()

    assert measured("abdre_upstream_breaker_state", upstream="chat", address="http://a") == 0


def test_a_metric_is_given_the_labels_that_it_has(measured: Measured):
    with pytest.raises(TypeError, match="abdre_events_total"):
        metrics.EVENTS.add(1)


def test_names_follow_prometheus_conventions():
    for metric in ALL:
        assert re.fullmatch(r"(abdre|process)(_[a-z]+)+", metric.name)
        assert isinstance(metric, Counter) == metric.name.endswith("_total"), metric.name
        assert metric.text
    assert len({metric.name for metric in ALL}) == len(ALL)


def test_the_operators_page_tells_of_each():
    page = (Path(abdre.__file__).parent / "docs" / "operations.md").read_text()
    rows = [tuple(cell.strip() for cell in row.split("|")[1:-1]) for row in page.splitlines() if row.startswith("| `")]

    told = [row for row in rows if row[0].startswith(("`abdre_", "`process_"))]

    assert told == [
        (f"`{one.name}`", one.kind, ", ".join(f"`{label}`" for label in one.labels), one.text) for one in ALL
    ]


def test_nothing_is_measured_without_a_port():
    assert not metrics.is_on()

    metrics.MESSAGES.add(1)
    metrics.READY.set(1, "keys")
    metrics.WRITER_BATCH.observe(3)
    listener.count_here()

    assert not metrics.is_on()


def test_a_port_that_is_taken_ends_the_start_with_the_settings_name(settings: Any):
    settings.METRICS_PORT = free_port()
    first = listener._serve(None)

    with pytest.raises(ImproperlyConfigured, match="ABDRE_METRICS_PORT"):
        listener._serve(None)

    first.shutdown()
    first.server_close()


# A process that counts: it does what it is told, line by line, and says when it was done.
WORKER = """
import sys
from abdre import metrics
from abdre.metrics.kinds import switch_on
switch_on(None)
for line in sys.stdin:
    exec(line)
    print(flush=True)
"""


class Worker:
    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", WORKER]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process: Any = subprocess.Popen(command, env={**os.environ, listener.FOLDER: str(folder)}, **pipes)

    def do(self, *deeds: str) -> None:
        for deed in deeds:
            print(deed, file=self._process.stdin, flush=True)
            self._process.stdout.readline()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    workers = [Worker(tmp_path) for _ in range(2)]
    yield workers
    for worker in workers:
        worker.kill()


def together(folder: Path) -> dict[str, float]:
    return {
        sample.name + "".join(sorted(f" {value}" for value in sample.labels.values())): sample.value
        for metric in Together(folder).collect()
        for sample in metric.samples
    }


def test_several_processes_are_added_up_and_those_that_are_gone_leave_their_counts(tmp_path: Path, workers):
    connections, done = "metrics.REALTIME_CONNECTIONS.add(5)", "metrics.PERIODIC_SUCCESS.set({}, 'tea')"
    workers[0].do("metrics.MESSAGES.add(1)", "metrics.WRITER_BATCH.observe(3)", connections, done.format(2))
    workers[1].do("metrics.MESSAGES.add(2)", "metrics.WRITER_BATCH.observe(9)", connections, done.format(1))
    before = together(tmp_path)
    workers[0].kill()

    after = [together(tmp_path) for _ in range(2)][1]

    assert before["abdre_messages_total"] == after["abdre_messages_total"] == 3
    assert before["abdre_writer_batch_messages_sum"] == after["abdre_writer_batch_messages_sum"] == 12
    assert before["abdre_writer_batch_messages_bucket 4.0"] == after["abdre_writer_batch_messages_bucket 4.0"] == 1
    assert before["abdre_periodic_success_timestamp_seconds tea"] == 2
    assert after["abdre_periodic_success_timestamp_seconds tea"] == 2
    assert (before["abdre_realtime_connections"], after["abdre_realtime_connections"]) == (10, 5)


def test_workers_that_cannot_live_leave_no_heap_of_files(tmp_path: Path):
    for _ in range(3):
        worker = Worker(tmp_path)
        worker.do("metrics.MESSAGES.add(1)")
        worker.kill()
        sums = together(tmp_path)

    assert sums["abdre_messages_total"] == 3
    assert {file.stem for file in tmp_path.iterdir()} == {"counter_ended", "histogram_ended"}


def test_the_listener_answers_metrics(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.METRICS_PORT = free_port()
    monkeypatch.delenv(listener.FOLDER, raising=False)
    served: list[Any] = []
    serve = listener._serve
    monkeypatch.setattr(listener, "_serve", lambda registry: served.append(serve(registry)))
    from abdre.metrics.kinds import switch_off

    try:
        listener.count_here()
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.METRICS_PORT}/metrics") as answer:
            text = answer.read().decode()
    finally:
        switch_off()
        for server in served:
            server.shutdown()
            server.server_close()

    assert f'abdre_build_info{{role="{settings.ROLE}",version="{settings.VERSION}"}} 1.0' in text
    assert "_created" not in text
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert {metric.name for metric in ALL} <= shown
