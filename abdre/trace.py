"""One trace id for a request through all services, as W3C Trace Context has it (Recommendation, 2021-11-23)."""

import re
import secrets
from typing import NamedTuple

HEADER = b"traceparent"
HEADERS = (HEADER, b"tracestate")  # nobody here has anything to say in the second one
_FORM = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING = (b"0" * 32, b"0" * 16)
SAMPLED = b"01"


class Trace(NamedTuple):
    """Where this process stands in a trace: what it does is a span of its own."""

    trace_id: str
    header: bytes  # for those it asks


def continued(header: bytes) -> Trace:
    """What the caller began goes on; without a caller, or with one that is not understood, a trace begins."""
    found = _FORM.fullmatch(header)
    if found is not None and found[1] not in _NOTHING and found[2] not in _NOTHING:
        trace_id, flags = found[1], found[3]
    else:
        trace_id, flags = secrets.token_hex(16).encode(), SAMPLED
    span_id = secrets.token_hex(8).encode()
    return Trace(trace_id.decode(), b"-".join((b"00", trace_id, span_id, flags)))
