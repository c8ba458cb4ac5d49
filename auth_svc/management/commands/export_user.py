"""`manage.py export_user`: all that is known of a person, as they could have it themselves."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from abdre.db import snapshot
from abdre.management.operator import OperatorCommand
from auth_svc.selectors.exports import written_archive
from user_svc.selectors import user_by_login, users_by_id

HELP = """\
Write all that this house knows of a person, for somebody who asks for it by letter: the same zip of JSON that they get
under Settings, Your data. It holds what they wrote to others: hand it to nobody else.

  manage.py export_user ada --to ada.zip               by user name or e-mail address, or by id (guests have no other)
  manage.py export_user ada --to - | gpg --encrypt --recipient ada@example.org > ada.zip.gpg

An existing file is not written over. Exit codes: 0 written, 1 refused, in words, 2 wrong arguments.
"""
STDOUT = "-"


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="PERSON", help="user name, e-mail address or id")
        parser.add_argument("--to", required=True, metavar="FILE", help="`-`: standard output")

    def handle(self, *args: Any, person: str, to: str, **options: Any) -> None:
        self.require_database()
        if to == STDOUT and sys.stdout.isatty():
            raise CommandError("A zip is nothing for a terminal: name a file, or send it into a pipe.")
        with snapshot():
            archive = written_archive(_id_of(person))
        if to == STDOUT:
            sys.stdout.buffer.write(archive)
            return
        try:
            _write(Path(to), archive)
        except OSError as problem:
            raise CommandError(f"{to}: {problem.strerror}") from problem
        self.stdout.write(f"{to}: {len(archive):,} bytes")


def _id_of(person: str) -> UUID:
    try:
        user = users_by_id([UUID(person)]).get(UUID(person))
    except ValueError:
        user = user_by_login(person)
    if user is None:
        raise CommandError(f"Nobody here is {person}.")
    return user.id


def _write(path: Path, archive: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(archive)
            file.flush()
        except OSError:  # a half one would stand in the way of the next try
            path.unlink()
            raise
