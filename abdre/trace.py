"""One trace id for a request through all services, as W3C Trace Context has it (Recommendation, 2021-11-23)."""

import re
import secrets
from typing import NamedTuple

HEADER = b"traceparent"
HEADERS = (HEADER, b"tracestate")  # nobody here has anything to say in the second one
_FORM = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING = ("0" * 32, "0" * 16)
SAMPLED = "01"


class Trace(NamedTuple):
    """Where this process stands in a trace: what it does is a span of its own."""

    trace_id: str
    header: bytes  # for those it asks


class Caller(NamedTuple):
    """Whose span this goes on from; all in hexadecimal digits."""

    trace_id: str
    span_id: str
    flags: str


def caller(header: bytes) -> Caller | None:
    """None where nobody has begun, or what they say is not understood."""
    found = _FORM.fullmatch(header.decode("latin-1"))
    if found is None or found[1] == _NOTHING[0] or found[2] == _NOTHING[1]:
        return None
    return Caller(found[1], found[2], found[3])


def continued(header: bytes) -> Trace:
    """What the caller began goes on; without a caller a trace begins."""
    known = caller(header)
    trace_id, flags = (known.trace_id, known.flags) if known else (secrets.token_hex(16), SAMPLED)
    return at(trace_id, secrets.token_hex(8), flags)


def at(trace_id: str, span_id: str, flags: str) -> Trace:
    return Trace(trace_id, f"00-{trace_id}-{span_id}-{flags}".encode())
