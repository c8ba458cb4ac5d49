"""Small deeds that time brings (a code expires, a temporary chat ends), on one thread of the process."""

import logging
import threading
import time
from collections.abc import Sequence

from django.utils.module_loading import import_string

from abdre import metrics
from abdre.db import close_connections

log = logging.getLogger(__name__)

TICK_S = 0.5


def start(periodic: Sequence[tuple[str, float]]) -> None:
    """Begin, where there is anything to do. Each deed claims its rows itself, so several processes may run it."""
    for path, every_s in periodic:
        metrics.PERIODIC_INTERVAL.set(every_s, path)
        metrics.PERIODIC_SUCCESS.set(time.time(), path)  # as if it had been: what then fails for ever is missed too
    if periodic:
        threading.Thread(target=_run, args=(list(periodic),), name="clock", daemon=True).start()


def _run(periodic: list[tuple[str, float]]) -> None:
    due = {path: 0.0 for path, _ in periodic}
    while True:
        time.sleep(TICK_S)  # a thread of its own, so nobody waits for it
        for path, every_s in periodic:
            if time.monotonic() >= due[path]:
                _do(path)
                due[path] = time.monotonic() + every_s


def _do(path: str) -> None:
    try:
        import_string(path)()
        metrics.PERIODIC_SUCCESS.set(time.time(), path)
    except Exception:  # the outermost loop of this thread: the next tick tries again
        metrics.PERIODIC_FAILURES.add(1, path)
        log.warning("periodic deed failed", extra={"deed": path}, exc_info=True)
    finally:
        close_connections()
