"""Which other origins' pages may ask the API: none, unless the operator names them; and never by cookie.

Without `Access-Control-Allow-Credentials` an answer to somebody's cookies is shown to no other origin: who asks from
there brings an access token, which a server of theirs got. Signing in, renewal and sockets are not for other origins.
"""

from typing import Any

from django.conf import settings

Headers = list[tuple[bytes, bytes]]

API = "/api/"
PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PATCH, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, idempotency-key, upload-offset"),
    (b"access-control-max-age", b"600"),
]
# Beside the few that a browser shows by itself (Fetch, "CORS-safelisted response-header name").
EXPOSED = (b"access-control-expose-headers", b"x-request-id, retry-after, ratelimit, ratelimit-policy")


def cors_headers(scope: Any) -> Headers:
    """What an answer says of its asker's origin."""
    if not settings.CORS_ORIGINS or not scope["path"].startswith(API):
        return []
    origin = dict(scope["headers"]).get(b"origin", b"")
    if origin.decode("latin-1") not in settings.CORS_ORIGINS:
        return [(b"vary", b"origin")]
    return [(b"access-control-allow-origin", origin), EXPOSED, (b"vary", b"origin")]


class Preflights:
    """ASGI middleware of whatever faces browsers: answers their questions beforehand. The door says who is allowed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not _is_preflight(scope):
            await self._inner(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 204, "headers": PREFLIGHT})
        await send({"type": "http.response.body", "body": b""})


def _is_preflight(scope: Any) -> bool:
    asks = scope["type"] == "http" and scope["method"] == "OPTIONS" and len(cors_headers(scope)) > 1
    return asks and b"access-control-request-method" in dict(scope["headers"])
