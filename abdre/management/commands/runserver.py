"""`runserver` on the role's own port, by daphne, so that sockets work in development too."""

from daphne.management.commands.runserver import Command as DaphneCommand
from django.conf import settings


class Command(DaphneCommand):  # type: ignore[misc]  # daphne brings no types
    default_port = str(settings.PORT)
