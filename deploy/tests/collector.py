"""A collector of traces, as OpenTelemetry's exporters know one (OTLP over HTTP): keeps what comes, and can be asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

WITHIN_S = 20.0  # they come in batches, every five seconds
PATH = "/v1/traces"


class Span(NamedTuple):
    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str  # empty: it begins its trace
    facts: dict[str, Any]
    links: tuple[str, ...]  # trace ids
    began_ns: int
    took_ms: float


class Collector:
    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw: list[bytes] = []
        self.url = ""
        self._came = threading.Condition()

    def take(self, body: bytes) -> None:
        with self._came:
            self.raw.append(body)
            self.spans += _spans_in(ExportTraceServiceRequest.FromString(body))
            self._came.notify_all()

    def trace(self, trace_id: str) -> list[Span]:
        return sorted((span for span in self.spans if span.trace_id == trace_id), key=lambda span: span.began_ns)

    def wait_for(self, wanted: Callable[[list[Span]], bool]) -> list[Span]:
        """All that came, once it is as wanted."""
        with self._came:
            assert self._came.wait_for(lambda: wanted(self.spans), WITHIN_S), [span.name for span in self.spans]
            return list(self.spans)


def _spans_in(told: ExportTraceServiceRequest) -> Iterator[Span]:
    for process in told.resource_spans:
        service = _facts(process.resource.attributes)["service.name"]
        for scope in process.scope_spans:
            for span in scope.spans:
                yield Span(
                    service,
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _facts(span.attributes),
                    tuple(link.trace_id.hex() for link in span.links),
                    span.start_time_unix_nano,
                    (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
                )


def _facts(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nobody asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
