"""What the server runs: the door, the role's own front, then Django and its sockets."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abdre.settings.all_in_one")

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.utils.module_loading import import_string

django.setup(set_prefix=False)

from abdre import clock, jobs, tracing
from abdre.door import Door
from abdre.handler import Handler
from abdre.lifespan import Lifespan
from abdre.metrics import listener, sampling

listener.count_here()
tracing.begin()
django_application = Handler()


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
if settings.METRICS_PORT:
    # Not by who does the jobs: while they hang in one, nobody would say that others wait.
    waiting = [("abdre.jobs.measure_waiting", 15.0)] if settings.DOES_JOBS else []
    clock.start([("abdre.metrics.sampling.look", sampling.EVERY_S), *waiting])
jobs.start()
