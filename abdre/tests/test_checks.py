"""What `manage.py check` says of settings that would fail quietly later."""

import pytest
from pytest_django import Settings

from abdre import checks

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("role", "does_jobs", "backend", "warnings"),
    [
        ("worker", True, CONSOLE, ["abdre.W001"]),
        ("worker", True, SMTP, []),
        ("auth", False, CONSOLE, []),  # it sends none
        ("all-in-one", True, CONSOLE, []),
    ],
)
def test_whoever_sends_letters_is_told_when_nobody_would_read_them(
    settings: Settings, role: str, does_jobs: bool, backend: str, warnings: list[str]
):
    settings.ROLE, settings.DOES_JOBS, settings.EMAIL_BACKEND = role, does_jobs, backend

    assert [found.id for found in checks.letters_need_a_server(None)] == warnings
