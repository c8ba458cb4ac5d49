"""Where sockets lead: `/ws`, and a kind refusal for every other path."""

from typing import Any, cast

from django.urls import path, re_path

from realtime_svc.consumers import ChatSocket, NoSuchPath

websocket_routes = [
    path("ws", cast(Any, ChatSocket.as_asgi())),  # Django's types know views only
    # Without it the router raises, and the browser is told nothing but 1006.
    re_path(r"", cast(Any, NoSuchPath.as_asgi())),
]
