"""`GET /metrics` on a port of its own: from a thread of the process, or of the parent of several, who adds them up."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from abdre import metrics
from abdre.metrics.kinds import switch_on

# Where the processes of one container lay down what they count, each in files of its own (prometheus_client's name).
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def count_here() -> None:
    """Called by every process that serves. The only one of its container shows its counts itself."""
    if not settings.METRICS_PORT:
        return
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    switch_on(registry)
    metrics.BUILD_INFO.set(1, settings.ROLE, settings.VERSION)
    if FOLDER not in os.environ:
        _serve(registry)


def lead() -> Any:
    """Called by the parent of several before it has any; answers what listens here, which they need not hold open."""
    if not settings.METRICS_PORT:
        return None
    folder = tempfile.mkdtemp(prefix="abdre-metrics-")
    atexit.register(_forget, folder, os.getpid())
    os.environ[FOLDER] = folder  # before the library is imported, which decides by it
    from prometheus_client import CollectorRegistry

    from abdre.metrics.together import Together

    registry = CollectorRegistry()
    registry.register(Together(Path(folder)))
    return _serve(registry)


def alone() -> None:
    """Called by the parent of nobody, before it serves."""
    os.environ.pop(FOLDER, None)  # whatever the caller's shell collects there


def _forget(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # and not one of those that it has forked
        shutil.rmtree(folder, ignore_errors=True)


def _serve(registry: Any) -> Any:
    from prometheus_client import start_http_server

    try:
        server, _ = start_http_server(settings.METRICS_PORT, registry=registry)
    except OSError as problem:
        raise ImproperlyConfigured(f"ABDRE_METRICS_PORT {settings.METRICS_PORT}: {problem.strerror}") from problem
    return server
