"""What the commands for operators share: help shown as it was laid out, and no checks of the whole project first."""

import signal
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


def require_postgresql_itself() -> None:
    """Raises CommandError. PgBouncer gives a connection to the next one with all that was set for its session."""
    if connection.vendor == "postgresql" and settings.DATABASE_PGBOUNCER and not settings.OWNS_TABLES:
        raise CommandError(
            "Through PgBouncer what is set for this command's session would be set for others': "
            "name PostgreSQL itself in ABDRE_MIGRATION_DATABASE_URL."
        )


@contextmanager
def ended_by_exception() -> Iterator[None]:
    """So that SIGTERM leaves nothing half done: left alone it ends Python at once, or never, as a container's first."""
    former = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class OperatorCommand(BaseCommand):
    """Ends with 0 when it is done, 1 when not, or when it found something, 2 when it was asked wrongly."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    @staticmethod
    def require_database() -> None:
        """Raises CommandError."""
        if not settings.HAS_DATABASE:
            raise CommandError(
                "The gateway has no database. Run it under a role that has one: --settings=auth_svc.settings"
            )
