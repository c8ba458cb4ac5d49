"""`migrate`: under the gateway it says why not, and what to do instead; elsewhere it is Django's."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as MigrateCommand


class Command(MigrateCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        if not settings.HAS_DATABASE:
            raise CommandError(
                "The gateway has no database. Run it under a role that has one: "
                "manage.py migrate --settings=auth_svc.settings"
            )
        return super().execute(*args, **options)
