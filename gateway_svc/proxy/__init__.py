"""The way to the services: a fixed table of prefixes, bodies and sockets streamed both ways."""

from typing import Any

from abdre.seen import UNKNOWN, note_route
from abdre.sockets import TUNNEL
from gateway_svc.proxy import sockets, tunnel
from gateway_svc.proxy.http import forward_http

# Whole path segments; what is not here is a page of ours. There is no other way in.
ROUTES = (
    ("/api/auth", "auth"),
    ("/api/users", "user"),
    ("/api/oauth", "oauth"),
    ("/api/chats", "chat"),
    ("/oauth", "oauth"),
    ("/ws", "realtime"),
    ("/admin", "auth"),
    ("/static/admin", "auth"),
)
_SERVICES = dict(ROUTES)


class Proxy:
    """ASGI middleware: what the table names goes to its service, everything else further in."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        service = service_for(scope["path"])
        if service is None:
            if scope["type"] == "websocket":
                service = "realtime"  # it closes unknown paths with a code that browsers can read
            else:
                await self._inner(scope, receive, send)
                return
        note_route(_prefix_of(scope["path"]) or UNKNOWN)
        await _forward_of(scope)(service, scope, receive, send)


def _forward_of(scope: Any) -> Any:
    if scope["type"] == "http":
        return forward_http
    return tunnel.forward_socket if TUNNEL in scope.get("extensions", {}) else sockets.forward_socket


def service_for(path: str) -> str | None:
    return _SERVICES.get(_prefix_of(path))


def _prefix_of(path: str) -> str:
    """What of the table leads on; empty where nothing does."""
    return next((prefix for prefix in _SERVICES if path == prefix or path.startswith(f"{prefix}/")), "")
