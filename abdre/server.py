"""uvicorn as every role has it: `python -m abdre.server`, with the settings module in the environment."""

import os
from typing import Any

import uvicorn

from abdre.http_protocol import BoundedHttpProtocol

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
    """Until a signal ends it. `settings_module`: of the role, where the environment names none."""
    if settings_module:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module)
    from django.conf import settings
    from django.utils.module_loading import import_string

    from abdre.metrics import listener

    host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104  # a container's only way to be reached
    options = import_string(settings.SERVER_OPTIONS)
    listener.lead_under_uvicorn()
    uvicorn.run("abdre.asgi:application", host=host, port=settings.PORT, lifespan="on", log_config=None, **options)


if __name__ == "__main__":
    serve()
