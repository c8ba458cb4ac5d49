"""System checks: what would fail quietly later is an error at the start."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


def register_all() -> None:
    register(memory_needs_one_process)
    register(letters_need_a_server)


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


def letters_need_a_server(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """On one's own machine the console is the mailbox; elsewhere nobody would read the letters there."""
    to_the_console = settings.EMAIL_BACKEND.endswith(".console.EmailBackend")
    if not settings.DOES_JOBS or not to_the_console or settings.ROLE == "all-in-one":
        return []
    return [
        Warning(
            "Letters are written to the log: nobody can confirm an address or get a new password.",
            hint="Set EMAIL_HOST.",
            id="abdre.W001",
        )
    ]
