"""uvicorn as every role has it: `python -m abdre.server`, with the settings module in the environment."""

import os
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from abdre.http_protocol import BoundedHttpProtocol
from abdre.leaving import Server

# Longer than clients and load balancers keep an idle line, so that it is never we who close one about to be used.
IDLE_S = 75

OPTIONS: dict[str, Any] = {
    "http": BoundedHttpProtocol,
    "ws": "websockets-sansio",  # the least CPU per frame
    "ws_per_message_deflate": False,  # 1.9 times the CPU and 44 KB more a socket, for frames of 200 bytes
    "proxy_headers": False,  # the door judges forwarded addresses
    "access_log": False,  # the door logs
    "server_header": False,
    "timeout_keep_alive": IDLE_S,
}


def serve(settings_module: str = "") -> None:
    """The role's own port. `settings_module`: of the role, where the environment names none."""
    if settings_module:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module)
    from django.conf import settings

    run(host=os.environ.get("HOST", "0.0.0.0"), port=settings.PORT)  # noqa: S104  # a container's only way to be reached


def run(*, host: str, port: int) -> None:
    """One process, until a signal ends it; several are gunicorn's to start, whatever WEB_CONCURRENCY says here."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    from abdre.metrics import listener

    listener.alone()
    options = {**import_string(settings.SERVER_OPTIONS), "lifespan": "on", "log_config": None, "workers": 1}
    config = uvicorn.Config("abdre.asgi:application", host=host, port=port, **options)
    config.load_app()  # what is wrong with it is said before the port is taken
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[config.bind_socket()])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    serve()
