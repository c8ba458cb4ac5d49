"""System checks: what would fail quietly later is an error at the start."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def register_all() -> None:
    register(memory_needs_one_process)


def memory_needs_one_process(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The memory layer and store are per process: with several workers half of the room would hear nothing."""
    workers = os.environ.get("WEB_CONCURRENCY", "1")
    if settings.REDIS_URL or workers == "1":
        return []
    return [
        Error(
            f"WEB_CONCURRENCY={workers}, but without REDIS_URL every process has a memory of its own.",
            hint="Set REDIS_URL or run one worker.",
            id="abdre.E001",
        )
    ]
