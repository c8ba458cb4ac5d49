"""What can be refused about an invitation."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Gone, NotFound


class InvitationUnknown(NotFound):
    """No such code, or not this person's: the two look alike."""

    code, message = "invitation_unknown", _("This code is not known here.")


class InvitationExpired(Gone):
    code, message = "invitation_expired", _("This code has expired. Ask for a new one.")


class InvitationRevoked(Gone):
    code, message = "invitation_revoked", _("This code was taken back. Ask for a new one.")


class InvitationUsedUp(Gone):
    code, message = "invitation_used_up", _("This code has been used already. Ask for a new one.")


class QrUnavailable(Gone):
    code, message = "qr_unavailable", _("This code can no longer be drawn. Renew it to get a fresh one.")


class OwnInvitation(Conflict):
    code, message = "own_invitation", _("This is your own code: show it to somebody else.")
