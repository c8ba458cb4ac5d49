"""`runserver` on the role's own port, by daphne, so that sockets work in development too."""

from argparse import ArgumentParser

from daphne.management.commands.runserver import Command as DaphneCommand
from django.conf import settings


class Command(DaphneCommand):  # type: ignore[misc]  # daphne brings no types
    default_port = str(settings.PORT)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        # Under DEBUG Django's own handler would stand before ours; it knows neither hashed names nor the proxy.
        parser.set_defaults(use_static_handler=False)
