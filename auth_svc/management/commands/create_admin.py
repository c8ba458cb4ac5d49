"""`manage.py create_admin`: the first administrator; the password from a prompt, the environment or a pipe."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from abdre.errors import AppError
from abdre.settings import env
from auth_svc.services import create_administrator

PASSWORD_VARIABLE = "ABDRE_ADMIN_PASSWORD"  # the name of the variable


class Command(BaseCommand):
    help = f"Create an administrator. The password comes from {PASSWORD_VARIABLE}(_FILE), a pipe, or a prompt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument("--display-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            create_administrator(
                username=options["username"],
                password=password(),
                email=options["email"],
                display_name=options["display_name"],
            )
        except AppError as refusal:
            problems = [text for texts in (refusal.fields or {}).values() for text in texts]
            raise CommandError(" ".join(problems) or refusal.text) from refusal
        self.stdout.write(f"{options['username']} may now sign in at /admin/")


def password() -> str:
    """Never an argument: those are seen by everybody on the machine."""
    if given := env.text(PASSWORD_VARIABLE):
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    typed = getpass.getpass("Password: ")
    if typed != getpass.getpass("Password again: "):
        raise CommandError("The two passwords differ.")
    return typed
