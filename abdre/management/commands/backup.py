"""`manage.py backup`: everything of one moment into a new folder."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from abdre.backup.making import forget_old, make_backup
from abdre.backup.manifest import BackupProblem
from abdre.management.operator import OperatorCommand, ended_by_exception, require_postgresql_itself
from abdre.management.steps import size, telling

HELP = """\
Write a backup into a new folder of --to, named after the moment: the database as it is then, while everybody goes on
writing, the files that people sent, and a manifest with the release, the schema, each table's rows, and checksums.

  manage.py backup --to /backups                       the database and the files
  manage.py backup --to /backups --keep 14             and delete all but the newest fourteen there
  manage.py backup --to /backups --with-keys           the keys too: whoever reads it can be anybody

`manage.py restore FOLDER` puts one back, `manage.py restore FOLDER --check` says whether it is whole.
It is not encrypted. To keep it elsewhere:  tar -C /backups -c NAME | gpg --encrypt --recipient YOU > NAME.tar.gpg
Needs pg_dump of the server's version or newer (Debian: postgresql-client), for PostgreSQL.

Exit codes: 0 done, 1 it could not be made and nothing was left behind, 2 wrong arguments. One that was killed leaves
a folder ….partial, which the next removes once it is twelve hours old.
"""


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where backups are kept")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards delete all but the newest N there")
        parser.add_argument("--no-files", action="store_true", help="the database alone")
        parser.add_argument("--with-keys", action="store_true", help="the keys that this role holds too")

    def handle(self, *args: Any, **options: Any) -> None:
        self.require_database()
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep must be at least 1: the backup that was just made stays.", returncode=2)
        require_postgresql_itself()
        began = time.monotonic()
        with telling(self.stdout) as tell, ended_by_exception():
            try:
                folder, manifest = make_backup(
                    options["to"], with_files=not options["no_files"], with_keys=options["with_keys"], tell=tell
                )
            except (BackupProblem, DatabaseError, OSError) as problem:
                raise CommandError(f"No backup was made: {problem}") from problem
        took = f"{time.monotonic() - began:.1f} s"
        self.stdout.write(
            f"{folder}: {manifest.rows:,} rows, {size(manifest.size_bytes)}, {took}; files: {manifest.files}"
        )
        if options["keep"]:
            for old in forget_old(options["to"], keep=options["keep"]):
                self.stdout.write(f"{old} deleted")
