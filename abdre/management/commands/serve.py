"""`manage.py serve`: the all-in-one for everyday use: migrate, show the way in, serve."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from abdre import server
from abdre.announcement import announcement


class Command(BaseCommand):
    help = "Serve all roles from one process; prints the address for phones and draws its code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default="0.0.0.0")  # noqa: S104  # phones on the same network shall reach it

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ROLE != "all-in-one":
            raise CommandError("serve is for the all-in-one; the roles of the split are started by their server")
        call_command("migrate", verbosity=0)
        self.stdout.write(
            announcement(port=options["port"], public_origin=settings.PUBLIC_ORIGIN, drawn=sys.stdout.isatty())
        )
        self.stdout.flush()
        server.run(host=options["host"], port=options["port"])
