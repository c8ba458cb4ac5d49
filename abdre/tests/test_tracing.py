"""What a collector is told of a request: under the log's own trace id, and nothing that people have written."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from abdre import tracing
from abdre.service_client.transports import Call, in_process
from abdre.tests.test_door import CALLER, TRACE, Inside, knock
from abdre.tracing.collector import Collector, _without_words
from abdre.tracing.otel import Tracing, told_to

LEFT_OUT = f"00-{'a' * 32}-00f067aa0ba902b7-00"


class Told:
    """What has come to the collector so far."""

    def __init__(self, tracing: Tracing, exporter: InMemorySpanExporter) -> None:
        self.tracing = tracing
        self._exporter = exporter

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    exporter = InMemorySpanExporter()
    begun = Tracing(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracing", begun)
    yield Told(begun, exporter)
    begun.end()


def trace_id(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


def parent_id(span: ReadableSpan) -> str:
    return f"{span.parent.span_id:016x}" if span.parent else ""


def test_without_a_collector_nothing_is_imported_that_makes_or_sends_spans():
    code = "import sys, abdre.asgi; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    # redis-py imports the part that measures, by itself, wherever it is installed.
    makes_spans = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation", "google.")
    assert [name for name in loaded if name.startswith((*makes_spans, "abdre.tracing."))] == []


async def test_a_request_goes_on_in_its_callers_trace(told: Told, settings):
    settings.TRUSTED_PROXIES = 1
    inside = Inside()

    await knock(inside, headers={"traceparent": CALLER.removesuffix("00") + "01"})

    [span] = told.spans.values()
    assert trace_id(span) == TRACE == inside.scope["trace_id"]
    assert parent_id(span) == "00f067aa0ba902b7"
    assert f"{TRACE}-{span.context.span_id:016x}".encode() in dict(inside.scope["headers"])[b"traceparent"]


async def test_a_span_has_the_request_id_and_no_path(told: Told):
    inside = Inside()

    await knock(inside, path="/join/a-token")

    [span] = told.spans.values()
    assert span.attributes
    assert span.attributes["request_id"] == inside.scope["request_id"]
    assert "a-token" not in span.to_json()


async def test_probes_are_not_told_of(told: Told):
    await knock(Inside(), path="/livez")

    assert told.spans == {}


async def test_what_the_caller_leaves_out_is_left_out_here(told: Told, settings):
    settings.TRUSTED_PROXIES = 1
    inside = Inside()

    await knock(inside, headers={"traceparent": LEFT_OUT})

    assert told.spans == {}
    assert inside.scope["trace_id"] == "a" * 32


def test_what_is_asked_for_nobody_is_left_out(told: Told):
    with tracing.asking("chat", "GET", {}):
        pass

    assert told.spans == {}


def test_a_deed_of_many_and_who_asked_for_it_point_to_each_other(told: Told):
    _, asker = told.tracing.entered(b"")

    with tracing.deed("write messages", asked_by=[asker, None], messages=2):
        in_the_log = structlog.contextvars.get_contextvars()["trace_id"]
    tracing.left(asker, "POST", {})

    deed, request = told.spans["write messages"], told.spans["POST"]
    assert trace_id(deed) == in_the_log != trace_id(request)
    assert [link.context for link in deed.links] == [request.context]
    assert [link.context for link in request.links] == [deed.context]


def test_of_an_exception_its_name_is_told_and_not_its_words(told: Told):
    with pytest.raises(ValueError, match="written"), tracing.deed("job"):
        raise ValueError("somebody has written: this")

    shown = _without_words(told.spans["job"]).to_json()
    assert "ValueError" in shown
    assert "written" not in shown


def test_a_collector_that_is_away_is_said_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.tracing.collector.WITHIN_S", 0.1)
    begun = Tracing(SimpleSpanProcessor(Collector("http://127.0.0.1:9")))
    with caplog.at_level("WARNING"):
        for _ in range(2):
            begun.left(begun.entered(b"")[1], "GET", {"db.statement": "SELECT " * 1000})
    begun.end()

    assert [record.message for record in caplog.records] == ["the collector of traces is away"]


def test_a_collector_that_hangs_holds_up_the_end_for_a_moment_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.tracing.otel.END_WITHIN_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        begun = told_to(f"http://127.0.0.1:{hanging.getsockname()[1]}")
        begun.left(begun.entered(b"")[1], "GET", {})

        began = time.monotonic()
        begun.end()

        assert time.monotonic() - began < 1


async def test_what_the_all_in_one_asks_itself_is_part_of_the_page(told: Told, monkeypatch: pytest.MonkeyPatch):
    found: list[str] = []

    async def service(scope: Any, receive: Any, send: Any) -> None:
        within = tracing.here()
        found.append(f"{within.get_span_context().span_id:016x}" if within else "")
        await send({"type": "http.response.start", "status": 200, "headers": []})

    monkeypatch.setitem(sys.modules, "abdre.asgi", SimpleNamespace(django_application=service))
    _, page = told.tracing.entered(b"")
    await in_process(Call("chat", "GET", "/api/chats", {}, b"", "", 1.0))
    tracing.left(page, "GET /", {})

    question = told.spans["GET chat"]
    assert found == [f"{question.context.span_id:016x}"]
    assert parent_id(question) == f"{told.spans['GET /'].context.span_id:016x}"
