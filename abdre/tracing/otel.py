"""Spans by OpenTelemetry: of requests, of questions to services, PostgreSQL and Redis, and of deeds of their own."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import structlog
from django.conf import settings
from opentelemetry import context
from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from abdre import trace
from abdre.tracing.collector import Collector
from abdre.tracing.sampling import Sampling

# Our longest statement has three times as many characters, and its beginning says which it is.
VALUE_LIMIT_CHARS = 2_000
END_WITHIN_S = 2.0


def told_to(endpoint: str) -> "Tracing":
    """On a thread of its own, in batches; what a collector that is away does not take is dropped."""
    return Tracing(BatchSpanProcessor(Collector(endpoint)))


class Tracing:
    def __init__(self, processor: SpanProcessor) -> None:
        # No events: those are exceptions, whose text holds what people have written (PostgreSQL's "Key (…)=(…)").
        limits = SpanLimits(max_events=0, max_attribute_length=VALUE_LIMIT_CHARS)
        self._provider = TracerProvider(
            sampler=Sampling(settings.OTEL_SAMPLED), resource=_resource(), shutdown_on_exit=False, span_limits=limits
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("abdre")
        # Neither tells values: statements with their placeholders, commands with a "?" for each argument.
        PsycopgInstrumentor().instrument(tracer_provider=self._provider)
        RedisInstrumentor().instrument(tracer_provider=self._provider)

    def end(self) -> None:
        # By itself it would wait for half a minute for a collector that does not answer.
        telling = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        telling.start()
        telling.join(END_WITHIN_S)
        PsycopgInstrumentor().uninstrument()
        RedisInstrumentor().uninstrument()

    def entered(self, came: bytes) -> tuple[trace.Trace, Span]:
        span = self._tracer.start_span("request", context=_of_caller(came), kind=SpanKind.SERVER)
        self.go_on(span)  # for as long as the task lives, which is the request's own
        return _place(span), span

    def left(self, span: Span, name: str, facts: Mapping[str, str | int]) -> None:
        span.update_name(name)
        span.set_attributes({key: value for key, value in facts.items() if value != ""})
        status = facts.get("http.response.status_code", 0)
        if isinstance(status, int) and status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    @contextmanager
    def asking(self, service: str, method: str, headers: MutableMapping[str, str]) -> Iterator[Span]:
        facts = {"peer.service": service, "http.request.method": method}
        with self._tracer.start_as_current_span(f"{method} {service}", kind=SpanKind.CLIENT, attributes=facts) as span:
            headers["traceparent"] = _place(span).header.decode()
            yield span

    @contextmanager
    def deed(self, name: str, asked_by: Sequence[Span | None], facts: Mapping[str, str | int]) -> Iterator[Span]:
        span = self.begun(name, asked_by, facts)
        with structlog.contextvars.bound_contextvars(trace_id=_place(span).trace_id):
            with api.use_span(span, end_on_exit=True):
                yield span

    def begun(self, name: str, asked_by: Sequence[Span | None], facts: Mapping[str, str | int]) -> Span:
        known = {name: value for name, value in structlog.contextvars.get_contextvars().items() if name == "request_id"}
        askers = [span for span in asked_by if span is not None]
        links = [Link(span.get_span_context()) for span in askers]
        span = self._tracer.start_span(
            name, context=Context(), kind=SpanKind.CONSUMER, attributes={**known, **facts}, links=links
        )
        for asker in askers:
            if asker.is_recording():  # so that it is found from either side
                asker.add_link(span.get_span_context())
        return span

    def within(self, span: Span) -> AbstractContextManager[Any]:
        return api.use_span(span)

    def ended(self, span: Span, refused: str) -> None:
        if refused:
            span.set_attribute("refused", refused)
        span.end()

    def go_on(self, span: Span) -> None:
        context.attach(api.set_span_in_context(span))

    def here(self) -> Span | None:
        span = api.get_current_span()
        return span if span.get_span_context().is_valid else None


def _resource() -> Resource:
    return Resource.create(
        {
            "service.namespace": "abdre",
            "service.name": settings.ROLE,
            "service.version": settings.VERSION,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
        }
    )


def _of_caller(came: bytes) -> Context:
    caller = trace.caller(came)
    if caller is None:
        return Context()
    ids = SpanContext(
        int(caller.trace_id, 16), int(caller.span_id, 16), is_remote=True, trace_flags=TraceFlags(int(caller.flags, 16))
    )
    return api.set_span_in_context(NonRecordingSpan(ids), Context())


def _place(span: Span) -> trace.Trace:
    ids = span.get_span_context()
    return trace.at(f"{ids.trace_id:032x}", f"{ids.span_id:016x}", f"{ids.trace_flags:02x}")
