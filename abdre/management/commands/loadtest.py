"""`manage.py loadtest`: how much does this house carry, and does it lose anything while it does?"""

import asyncio
import ipaddress
import json
import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError

from abdre.loadtest.people import LoadProblem
from abdre.loadtest.running import Load, run
from abdre.management.operator import OperatorCommand
from abdre.management.steps import telling

HELP = """\
Put a load on a running house, from outside and by its public API: guests come in, join chats, open sockets, and write
at a steady rate. Then everything is compared: what was acknowledged must be stored, what is stored must have reached
every member, once and in order. Afterwards the chats are deleted and the guests signed out.

  manage.py loadtest                                                 30 people, 3 chats, 20 messages a second, 30 s
  manage.py loadtest --people 100 --sockets 10 --rate 200            a thousand sockets
  manage.py loadtest --origin https://chat.example.org --yes         not your own: only with its people's leave

The house's limits hold for the load too: 120 guests in ten minutes from one network (the command waits), and what one
socket may send. This machine has to carry the load as well: best run it from another one than the house is on.

Exit codes: 0 nothing was lost, doubled, reordered, refused or cut off; 1 something was, or it did not run; 2 wrong use.
"""
LONGEST_S = 480  # a socket lives for ten minutes, as its token does


class Command(OperatorCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--origin", help="default: ABDRE_PUBLIC_ORIGIN, else http://localhost:8000")
        parser.add_argument("--people", type=int, default=30, help="default 30")
        parser.add_argument("--chats", type=int, default=3, help="default 3")
        parser.add_argument("--sockets", type=int, default=1, help="of each person; default 1")
        parser.add_argument("--rate", type=float, default=20, help="messages a second of all together; default 20")
        parser.add_argument("--seconds", type=int, default=30, help=f"at most {LONGEST_S}; default 30")
        parser.add_argument("--length", type=int, default=200, help="characters of a message; default 200")
        parser.add_argument("--yes", action="store_true", help="also where the house is not this machine's own")
        parser.add_argument("--json", action="store_true", help="the figures for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        load = load_of(options)
        if not is_own(load.origin) and not options["yes"]:
            raise CommandError(
                f"{load.origin} is not this house's own address: with the leave of its people, say --yes."
            )
        with telling(self.stdout) as tell:
            try:
                verdict = asyncio.run(run(load, tell=tell))
            except LoadProblem as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write(json.dumps(verdict.rows, indent=1) if options["json"] else str(verdict))
        if not verdict.is_clean:
            sys.exit(1)


def load_of(options: dict[str, Any]) -> Load:
    names = ("people", "chats", "sockets", "rate", "seconds", "length")
    origin = options["origin"] or settings.PUBLIC_ORIGIN or "http://localhost:8000"
    load = Load(origin=origin.rstrip("/"), **{name: options[name] for name in names})
    if urlsplit(load.origin).scheme not in ("http", "https") or not urlsplit(load.origin).hostname:
        raise CommandError("--origin must be like https://chat.example.org.", returncode=2)
    if min(load.chats, load.sockets, load.rate) <= 0 or load.people < load.chats or not 1 <= load.seconds <= LONGEST_S:
        raise CommandError(f"At least one person for each chat, and from 1 to {LONGEST_S} seconds.", returncode=2)
    if not 8 <= load.length <= 8000:
        raise CommandError("--length must be from 8 to 8000.", returncode=2)
    return load


def is_own(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or origin == settings.PUBLIC_ORIGIN:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
