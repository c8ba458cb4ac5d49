"""`migrate` under the gateway: says why not, and what to do instead."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "The gateway has no database; migrations run under another role."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "The gateway has no database. Run it under a role that has one: "
            "manage.py migrate --settings=auth_svc.settings"
        )

    def run_from_argv(self, argv: list[str]) -> None:
        # Whatever options `migrate` takes elsewhere, the answer here is the same.
        super().run_from_argv(argv[:2] + [argument for argument in argv[2:] if argument.startswith("--settings")])
