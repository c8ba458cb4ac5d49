"""What of a request's head goes through to a service."""

from typing import Any

from multidict import CIMultiDict

# RFC 9110, 7.6.1: these speak of one connection only.
HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
# What a client's Connection header cannot take away: whom it speaks to, how long its body is, and what the door wrote.
NOT_THEIRS = frozenset(["host", "content-length", "x-forwarded-proto", "x-request-id", "traceparent"])


def target_of(scope: Any) -> str:
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    return str(path + query)


def sent_headers(scope: Any, *, without: frozenset[str] = frozenset()) -> CIMultiDict[str]:
    """The client's headers, but for those of its own connection; the door has already written who it is."""
    given = [(name.decode("latin-1"), _text(value)) for name, value in scope["headers"]]
    named = {token.strip().lower() for name, value in given if name == "connection" for token in value.split(",")}
    dropped = HOP_BY_HOP | (named - NOT_THEIRS) | without
    headers = CIMultiDict((name, value) for name, value in given if name not in dropped)
    headers["X-Forwarded-For"] = scope["client"][0] if scope.get("client") else ""
    return headers


def _text(value: bytes) -> str:
    """So that UTF-8, in which it is written again, gives the same bytes."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
