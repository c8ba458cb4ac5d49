"""`manage.py serve`: the all-in-one for everyday use: migrate, show the way in, serve."""

import sys
from argparse import ArgumentParser
from typing import Any

import qrcode
import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from abdre.origin import lan_address


class Command(BaseCommand):
    help = "Serve all roles from one process; prints the address for phones and draws its code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default="0.0.0.0")  # noqa: S104  # phones on the same network shall reach it

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ROLE != "all-in-one":
            raise CommandError("serve is for the all-in-one; the roles of the split are started by their server")
        call_command("migrate", verbosity=0)
        self._announce(options["port"])
        uvicorn.run(
            "abdre.asgi:application",
            host=options["host"],
            port=options["port"],
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            proxy_headers=False,
            access_log=False,
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=5,
        )

    def _announce(self, port: int) -> None:
        address = settings.PUBLIC_ORIGIN or f"http://{lan_address() or 'localhost'}:{port}"
        if sys.stdout.isatty():
            self._draw(address)
        self.stdout.write(f"\nABDRE Chat is at {address}\n")
        self.stdout.write(f"on this machine also at http://localhost:{port}\n")
        if not settings.PUBLIC_ORIGIN and not lan_address():
            self.stdout.write("This machine is in no network: phones cannot reach it until it is.\n")
        self.stdout.flush()

    def _draw(self, address: str) -> None:
        code = qrcode.QRCode(border=2)
        code.add_data(address)
        code.print_ascii(out=self.stdout, invert=True)
