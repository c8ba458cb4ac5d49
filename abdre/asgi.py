"""What the server runs: the door, the role's own front, then Django and its sockets."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abdre.settings.all_in_one")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

django_application = get_asgi_application()

from abdre import clock, jobs
from abdre.door import Door
from abdre.lifespan import Lifespan


def _routes() -> dict[str, Any]:
    routes: dict[str, Any] = {"http": django_application}
    if settings.WEBSOCKET_ROUTES:
        routes["websocket"] = URLRouter(import_string(settings.WEBSOCKET_ROUTES))
    return routes


def _in_front_of(inner: Any) -> Any:
    for path in reversed(settings.ASGI_FRONT):
        inner = import_string(path)(inner)
    return inner


application = Lifespan(Door(_in_front_of(ProtocolTypeRouter(_routes()))))
clock.start(settings.PERIODIC)
# On a thread of its own: some of those take long, and what every process says of itself shall be fresh.
clock.start([("abdre.tally.flush", 10.0), ("abdre.pulse.beat", 10.0)])
jobs.start()
