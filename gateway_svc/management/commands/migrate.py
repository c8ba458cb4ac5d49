"""`migrate` under the gateway: says why not, and what to do instead. In the all-in-one it is Django's own."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ROLE == "gateway":
            raise CommandError(
                "The gateway has no database. Run it under a role that has one: "
                "manage.py migrate --settings=auth_svc.settings"
            )
        super().handle(*args, **options)
