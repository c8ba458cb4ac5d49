"""What can be refused about an archive."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, NotFound


class ExportPending(Conflict):
    code, message = "export_pending", _("One archive is being made already.")


class ExportNotFound(NotFound):
    """No such archive, not made yet, gone again, or not this person's: they look alike."""

    code, message = "export_not_found", _("There is no such archive of yours.")
