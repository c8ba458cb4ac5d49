"""`manage.py restore`: puts a backup back, or says whether one could be."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from abdre.backup.manifest import BackupProblem
from abdre.backup.postgresql import go_by_a_name
from abdre.backup.restoring import Wanted, judged, restore
from abdre.management.operator import OperatorCommand, require_postgresql_itself
from abdre.management.steps import size, telling

HELP = """\
Put a backup of `manage.py backup` back. Stop every role and the worker first; start them when this has ended with 0.

  manage.py restore /backups/abdre-20261126T030000Z --check     is it whole, and fit for this release? Changes nothing
  manage.py restore /backups/abdre-20261126T030000Z             into an empty database
  manage.py restore /backups/abdre-20261126T030000Z --replace   whatever is in the database now goes (SQLite's file is
                                                                kept beside the new one)

Checksums and the release are judged before anything is touched; afterwards each table is compared with what was backed
up, the schema is brought to this release, and the services' role gets its rights. PostgreSQL: run it as the migrate job
runs, with ABDRE_MIGRATION_DATABASE_URL, so that the owner owns the tables. Then every client loads its chats anew.

People stay signed in where their session is as it was when the backup was made. Whatever was taken back since
(sessions, codes, bans, passwords) is as it was before: see deploy/runbooks/restore.md.

Exit codes: 0 done, 1 not done, in words, 2 wrong arguments.
"""


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, metavar="FOLDER", help="one backup")
        parser.add_argument("--check", action="store_true", help="only judge it")
        parser.add_argument("--replace", action="store_true", help="delete what is in the database")
        parser.add_argument("--no-files", action="store_true", help="the database alone")
        parser.add_argument("--jobs", type=int, default=2, help="how many tables and indexes at once; default 2")
        parser.add_argument(
            "--sign-everybody-out",
            action="store_true",
            help="end all sessions, after a break-in; guests without an account cannot come back",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.require_database()
        if options["jobs"] < 1:
            raise CommandError("--jobs must be at least 1.", returncode=2)
        if not options["check"]:
            require_postgresql_itself()
        go_by_a_name()
        began = time.monotonic()
        with telling(self.stdout) as tell:
            try:
                if options["check"]:
                    manifest = judged(options["backup"], tell=tell)
                    self._say(f"whole: {manifest.rows:,} rows, {size(manifest.size_bytes)}, made {manifest.made_at}")
                else:
                    for done in restore(options["backup"], self._wanted(options), tell=tell):
                        self._say(done)
            except (BackupProblem, DatabaseError, OSError) as problem:
                raise CommandError(str(problem)) from problem
        self._say(f"{time.monotonic() - began:.1f} s")

    def _say(self, line: str) -> None:
        self.stdout.write(f"{line}\n")

    @staticmethod
    def _wanted(options: dict[str, Any]) -> Wanted:
        return Wanted(
            replace=options["replace"],
            with_files=not options["no_files"],
            ends_sessions=options["sign_everybody_out"],
            jobs=options["jobs"],
        )
