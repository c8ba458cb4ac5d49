"""`manage.py prune`: what was kept for long enough goes now; the clock of the services does the same by and by."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import IO, Any, cast
from uuid import UUID

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from abdre.errors import AppError
from abdre.management.operator import OperatorCommand
from abdre.retention import Kept, all_kept

STOPPED = 130  # as a shell says it of whom Ctrl-C has ended
HELP = """\
Delete what was kept for long enough, in short steps, while everybody goes on writing. The clocks of the services do the
same within the hour; this is for looking, and for hurry. It may be stopped and started again at any time.

  manage.py prune --dry-run          what would go now, kind by kind
  manage.py prune                    does it
  manage.py prune --chat ID          the messages and files of one chat alone

Exit codes: 0 done, 1 it could not be done, in words, 2 wrong arguments, 130 stopped by Ctrl-C.
"""


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
        parser.add_argument("--chat", type=UUID, metavar="ID", help="only of this chat")

    def handle(self, *args: Any, dry_run: bool, chat: UUID | None, **options: Any) -> None:
        self.require_database()
        self.stdout.ending = ""  # rich ends lines itself
        self.console = Console(file=cast(IO[str], self.stdout))
        kinds = [kept for kept in all_kept() if chat is None or kept.is_in_chats]
        try:
            due = {kept: kept.due(chat) for kept in kinds}
            self._show(due)
            if not dry_run:
                self._forget(due, chat)
        except AppError as refusal:
            raise CommandError(refusal.text) from refusal
        except KeyboardInterrupt:
            self.stderr.write("Stopped. What has gone is gone; the next run goes on from there.")
            sys.exit(STOPPED)

    def _show(self, due: dict[Kept, int]) -> None:
        if not self.console.is_terminal:
            for kept, count in due.items():
                self.console.out(f"{kept.what}: {count:,} due; kept {kept.how_long()}")
            return
        table = Table("What", "Kept", "Goes now")
        table.columns[2].justify = "right"
        for kept, count in due.items():
            table.add_row(kept.what, kept.how_long(), f"{count:,}", style=None if count else "dim")
        self.console.print(table)

    def _forget(self, due: dict[Kept, int], chat: UUID | None) -> None:
        follow = self._bar if self.console.is_terminal else self._lines
        for kept in due:
            # Counted again: what goes before may leave more to do here, as messages leave files.
            if total := kept.due(chat):
                follow(kept.what, total, kept.forget(chat))

    def _bar(self, what: str, total: int, steps: Iterator[int]) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(what, total=total)
            for count in steps:
                progress.advance(task, count)

    def _lines(self, what: str, total: int, steps: Iterator[int]) -> None:
        """One for each tenth."""
        done = 0
        for count in steps:
            before, done = done, done + count
            if done >= total or done * 10 // total > before * 10 // total:
                self.console.out(f"{what}: {done:,} of {total:,} gone")
