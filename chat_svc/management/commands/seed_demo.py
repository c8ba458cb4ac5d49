"""`manage.py seed_demo`: a town of people who have talked for a year, to try things out and to measure."""

import secrets
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chat_svc.management.demo import bulk
from chat_svc.management.demo.rooms import Member
from chat_svc.management.demo.town import Town, settle
from user_svc.selectors import anybody_is_there
from user_svc.services import create_member

LOGIN, EVERYWHERE = "demo", "demo-everywhere"
CHUNK = 20_000
REFUSED = (
    "People live in this database already, and thousands of invented ones would be among them for good: they could be "
    "found, written to and counted. Point DATABASE_URL (or ABDRE_DATA_DIR) at an empty database, or say --force."
)


class Command(BaseCommand):
    help = (
        "Fill an empty database with people, chats and a year of conversations. One can log in as `demo`, who is in "
        "200 of the chats; `demo-everywhere` is in all of them. The same numbers and seed make the same conversations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, default=10_000)
        parser.add_argument("--chats", type=int, default=1_000)
        parser.add_argument("--people", type=int, default=500)
        parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
        parser.add_argument("--force", action="store_true", help="even where real people are")

    def handle(self, *args: Any, **options: Any) -> None:
        messages, chats, people = options["messages"], options["chats"], options["people"]
        if not (1 <= chats <= messages and people >= 3):
            raise CommandError("At least one chat, three people, and a message for each chat.", returncode=2)
        if anybody_is_there() and not options["force"]:
            raise CommandError(REFUSED)
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            town = settle(
                own=_member(LOGIN, "Demo", password),
                everywhere=_member(EVERYWHERE, "Demo Everywhere", password),
                people=people,
                chats=chats,
                random=Random(options["seed"]),
            )
            self._talk(town, messages, is_quiet=options["verbosity"] == 0)
            town.finish()
        bulk.tidy()
        self.stdout.write(f"Log in as {LOGIN} or {EVERYWHERE}, password {password}")

    def _talk(self, town: Town, count: int, *, is_quiet: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, disable=is_quiet) as progress:
            bar = progress.add_task("messages", total=count)
            said = town.talk(count)
            for chunk in _chunks(said):
                bulk.write([message for message, _ in chunk], [block for _, block in chunk if block])
                progress.advance(bar, len(chunk))


def _member(username: str, name: str, password: str) -> Member:
    return Member(create_member(username=username, password=password, display_name=name).id, name)


def _chunks(said: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(said, CHUNK)):
        yield chunk
