"""Spans: what took how long where, told to the operator's collector. Without one (ABDRE_OTEL_ENDPOINT) nothing is done.

The seam: who calls here need not know whether anybody listens. What knows OpenTelemetry stands in `abdre.tracing.otel`,
which is imported only where a collector is named.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from django.conf import settings

from abdre import trace

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from abdre.tracing.otel import Tracing

_tracing: "Tracing | None" = None
_NOTHING: AbstractContextManager[None] = nullcontext()


def begin() -> None:
    """Once in the life of a process, before it opens its first connection to a database."""
    global _tracing
    if settings.OTEL_ENDPOINT:
        from abdre.tracing import otel

        _tracing = otel.told_to(settings.OTEL_ENDPOINT)


def end() -> None:
    """The process ends: what waits to be told is told, where that takes a moment only."""
    if _tracing is not None:
        _tracing.end()


def entered(came: bytes) -> "tuple[trace.Trace, Span | None]":
    """A request that came with this `traceparent`: where it stands, and its span, current until `left` ends it."""
    return (trace.continued(came), None) if _tracing is None else _tracing.entered(came)


def left(span: "Span | None", name: str, facts: Mapping[str, str | int]) -> None:
    if span is not None and _tracing is not None:
        _tracing.left(span, name, facts)


def asking(service: str, method: str, headers: MutableMapping[str, str]) -> AbstractContextManager[Any]:
    """One question to a service: what the service does is part of it, as `headers` tell it."""
    return _NOTHING if _tracing is None else _tracing.asking(service, method, headers)


def deed(name: str, *, asked_by: "Sequence[Span | None]" = (), **facts: str | int) -> AbstractContextManager[Any]:
    """What is no part of one request: a trace of its own, with links to who asked for it, and from them."""
    return _NOTHING if _tracing is None else _tracing.deed(name, asked_by, facts)


def begun(name: str, *, asked_by: "Sequence[Span | None]" = ()) -> "Span | None":
    """A deed that `ended` ends, elsewhere; `within` makes what is called part of it."""
    return None if _tracing is None else _tracing.begun(name, asked_by, {})


def within(span: "Span | None") -> AbstractContextManager[Any]:
    return _NOTHING if span is None or _tracing is None else _tracing.within(span)


def ended(span: "Span | None", *, refused: str = "") -> None:
    """`refused`: the code of the refusal, if it is one."""
    if span is not None and _tracing is not None:
        _tracing.ended(span, refused)


def go_on(span: "Span | None") -> None:
    """What follows in this context is part of `span`."""
    if span is not None and _tracing is not None:
        _tracing.go_on(span)


def here() -> "Span | None":
    """The span that this is part of."""
    return None if _tracing is None else _tracing.here()
