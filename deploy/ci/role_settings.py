"""What each role's settings say, read one after the other in this process: for whoever draws conclusions from them."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from deploy.ci.stack import INNER_ROLES, WORKER, settings_of

ROLES = ["gateway", *INNER_ROLES]
# The worker is asked by probes alone.
PODS = [*ROLES, WORKER]
# No real ones: enough to be content with, and nobody connects.
ENVIRONMENT = {
    "SECRET_KEY": "x" * 32,
    "DATABASE_URL": "postgresql://x@postgres/abdre",
    "REDIS_URL": "redis://redis:6379",
    "ABDRE_SIGNING_KEYS": "x",
    "ABDRE_VERIFYING_KEYS": "{}",
    "ABDRE_PUSH_KEY": "x",
    "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org",
}

Settings = dict[str, Any]


@cache
def settings(role: str) -> Settings:
    """Its names in capitals, as Django would have them."""
    with _own_surroundings():
        module = importlib.import_module(settings_of(role))
    return {name: value for name, value in vars(module).items() if name.isupper()}


@contextmanager
def _own_surroundings() -> Iterator[None]:
    """Settings modules change what they take from each other, so each role begins without any of them."""
    outside = dict(os.environ)
    loaded = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_of_settings(name)}
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(outside)
        for name in list(filter(_is_of_settings, sys.modules)):
            del sys.modules[name]
        sys.modules.update(loaded)


def _is_of_settings(module: str) -> bool:
    return module.startswith("abdre.settings") or module.endswith("_svc.settings")
