"""The way to the collector: what must not be told is left out, and that it is away is said once."""

import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

log = logging.getLogger(__name__)

WITHIN_S = 2.0  # with a second try; what is not taken by then is dropped


class Collector(SpanExporter):
    """Called by the one thread of the batches, so nobody waits for it but the end of the process."""

    def __init__(self, endpoint: str) -> None:
        self._inner = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=WITHIN_S)
        self._is_away = False
        # The library says at each try that it is away, with what it was told, and of each long statement that it was
        # cut; we say when it goes away and comes back.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export([_without_words(span) for span in spans])
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            log.warning("the collector of traces is away", extra={"dropped_spans": len(spans)})
        elif self._is_away and not is_away:
            log.info("the collector of traces is back")
        self._is_away = is_away
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()  # type: ignore[no-untyped-call]


def _without_words(span: ReadableSpan) -> ReadableSpan:
    """What an exception says may be what somebody has written; its name is enough."""
    if not span.status.description:
        return span
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, span.status.description.partition(":")[0]),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
