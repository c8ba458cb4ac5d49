"""`manage.py rotate_keys`: change the key that signs access tokens, step by step, without refusing a living token."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from abdre.key_files import KeyFiles, replace_leaked, take_step
from abdre.key_rotation import Confused, NotYet, Pauses
from abdre.management.operator import OperatorCommand

NOTHING_DUE = 3
HELP = """\
Take the step of a key rotation that is due now; running processes take the changed files up by themselves.

  1. A signing key older than --after-days (or any, with --now) gets a successor, which is published.
  2. Ten minutes later the successor signs, and the old key only verifies.
  3. Fifteen minutes later the old key is dropped.

Which step is due stands in the key file itself, so the command may be run at any time and as often as you like, by a
clock too. --wait takes all steps that are left, 25 minutes for a whole rotation.

Exit codes: 0 a step was taken, 1 the files could not be read or written, 2 wrong arguments, 3 nothing is due yet.
"""


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", action="store_true", help="begin, however young the signing key is")
        parser.add_argument("--after-days", type=int, default=30, help="begin when the key is so old; default 30")
        parser.add_argument("--wait", action="store_true", help="stay until the rotation is over")
        parser.add_argument("--leaked", action="store_true", help="replace all keys at once; living tokens are refused")
        parser.add_argument("--signing", help="the private keys; default: ABDRE_SIGNING_KEYS_FILE")
        parser.add_argument("--verifying", help="the published set; default: ABDRE_VERIFYING_KEYS_FILE")
        parser.add_argument(
            "--pause-s", type=int, help="another time between steps; too short a one refuses living tokens"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files = files_of(options)
        try:
            if options["leaked"]:
                self.stdout.write(replace_leaked(files, datetime.now(UTC)))
            elif options["wait"]:
                self.take_all_steps(files, pauses_of(options))
            else:
                self.take_step(files, pauses_of(options))
        except NotYet as early:
            raise CommandError(f"Nothing is due before {when(early)}: {early}.", returncode=NOTHING_DUE) from early
        except (Confused, OSError) as problem:
            raise CommandError(str(problem)) from problem

    def take_step(self, files: KeyFiles, pauses: Pauses) -> int:
        """How many keys there are after it."""
        keys, told = take_step(files, pauses, datetime.now(UTC))
        self.stdout.write(told)
        return len(keys)

    def take_all_steps(self, files: KeyFiles, pauses: Pauses) -> None:
        left = self.take_step(files, pauses) if len(files.keys()) == 1 else 2
        while left > 1:
            try:
                left = self.take_step(files, pauses)
            except NotYet as early:
                self.stdout.write(f"waiting until {when(early)}: {early}")
                # A command with nothing else to do until the step is due.
                time.sleep(max(0.0, (early.at - datetime.now(UTC)).total_seconds()))


def files_of(options: dict[str, Any]) -> KeyFiles:
    signing = options["signing"] or settings.SIGNING_KEYS_FILE
    verifying = options["verifying"] or settings.VERIFYING_KEYS_FILE
    if not signing:
        raise CommandError("The keys stand in no file that is known here: set ABDRE_SIGNING_KEYS_FILE, or --signing.")
    if not verifying and settings.ROLE != "all-in-one":
        raise CommandError("The other roles' public keys: set ABDRE_VERIFYING_KEYS_FILE, or --verifying.")
    return KeyFiles(Path(signing), Path(verifying) if verifying else None)


def pauses_of(options: dict[str, Any]) -> Pauses:
    lasts = timedelta(0) if options["now"] else timedelta(days=options["after_days"])
    if options["pause_s"] is None:
        return Pauses(lasts)
    pause = timedelta(seconds=options["pause_s"])
    return Pauses(lasts, pause, pause)


def when(early: NotYet) -> str:
    return f"{early.at:%Y-%m-%d %H:%M:%S} UTC"
