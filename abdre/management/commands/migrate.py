"""`manage.py migrate`: one at a time, and giving way to who uses a table; under the gateway it says why not."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg.errors
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import OperationalError, connections
from django.db.utils import Error

from abdre.management.operator import require_postgresql_itself

LOCK = 0x41_42_44_52_45  # any number, as long as it is the same in every release
ASKS_AGAIN_S = 0.5
# Between two tries, so that whoever had to queue behind the first gets through.
PAUSE_S = (1.0, 3.0)
GIVES_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


class Command(MigrateCommand):
    help = f"{MigrateCommand.help} On PostgreSQL one migrate waits for another, and gives way to who uses a table."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout-s",
            type=float,
            default=1.0,
            help="how long a migration may wait for a table; who comes after it waits for that long too. Default 1",
        )
        parser.add_argument(
            "--statement-timeout-s",
            type=float,
            default=30.0,
            help="how long one statement may hold a table; 0: for ever, for a house that may stand still. Default 30",
        )
        parser.add_argument("--tries", type=int, default=100, help="how often it comes back. Default 100")

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not settings.HAS_DATABASE:
            raise CommandError(
                "The gateway has no database. Run it under a role that has one: "
                "manage.py migrate --settings=auth_svc.settings"
            )
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        self.connection = connections[options["database"]]
        self.timeouts = (options["lock_timeout_s"], options["statement_timeout_s"])
        if self.connection.vendor != "postgresql" or options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
        else:
            require_postgresql_itself()
            with self._alone(), self._times_put_back():
                self._until_it_goes(*args, **options)

    def _until_it_goes(self, *args: Any, **options: Any) -> None:
        """What was applied before it gave way stays so; the next try goes on from there."""
        for _ in range(options["tries"]):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as problem:
                self._refuse_other_than_a_lock(problem)
            self._tell("\n  a table is in use: gave way, and come again")
            time.sleep(random.uniform(*PAUSE_S))  # noqa: S311
        raise CommandError(
            "A table was in use all the time. Who holds it: SELECT pid, state, xact_start, query FROM pg_stat_activity "
            "WHERE xact_start < now() - interval '5 s'. What was applied stays so; run it again."
        )

    def _refuse_other_than_a_lock(self, problem: OperationalError) -> None:
        if isinstance(problem.__cause__, psycopg.errors.QueryCanceled):
            raise CommandError(f"A statement took too long: --statement-timeout-s. {problem}") from problem
        if not isinstance(problem.__cause__, GIVES_WAY) or self.connection.in_atomic_block:
            raise problem

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action in ("apply_start", "unapply_start") and self.connection.vendor == "postgresql":
            self._set_times(atomic=migration.atomic)
        super().migration_progress_callback(action, migration, fake)

    def _set_times(self, *, atomic: bool) -> None:
        """Who waits for a table holds up everybody who comes after. What is not atomic takes no such lock (`make check`
        sees to that), but waits for every transaction that is open: an index is broken off by nothing."""
        lock_s, statement_s = self.timeouts if atomic else (0.0, 0.0)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{lock_s * 1000:.0f}"])
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{statement_s * 1000:.0f}"])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Asked again and again: who waited for the lock within a statement would have a snapshot, for whose end an
        index that the other builds concurrently would wait."""
        if not self._takes_lock():
            self._tell("another migrate is at work: waiting")
            while not self._takes_lock():
                time.sleep(ASKS_AGAIN_S)
        try:
            yield
        finally:
            with suppress(Error), self.connection.cursor() as cursor:  # a broken connection holds it no more
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _takes_lock(self) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            return bool(cursor.fetchone()[0])

    @contextmanager
    def _times_put_back(self) -> Iterator[None]:
        try:
            yield
        finally:
            with suppress(Error), self.connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
                cursor.execute("RESET statement_timeout")

    def _tell(self, what: str) -> None:
        self.stdout.write(what)
        self.stdout.flush()
