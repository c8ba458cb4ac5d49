"""What can be refused about an invitation."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Forbidden, Gone, NotFound


class InvitationUnknown(NotFound):
    """No such code, or not this person's: the two look alike."""

    code, message = "invitation_unknown", _("This code is not known here.")


class InvitationExpired(Gone):
    code, message = "invitation_expired", _("This code has expired. Ask for a new one.")


class InvitationRevoked(Gone):
    code, message = "invitation_revoked", _("This code was taken back. Ask for a new one.")


class InvitationUsedUp(Gone):
    code, message = "invitation_used_up", _("This code has been used already. Ask for a new one.")


class InvitationMovedOn(Gone):
    """An old picture of a rotating code."""

    code, message = "invitation_moved_on", _("This code has moved on. Scan the screen again.")


class QrUnavailable(Gone):
    code, message = "qr_unavailable", _("This code can no longer be drawn. Renew it to get a fresh one.")


class OwnInvitation(Conflict):
    code, message = "own_invitation", _("This is your own code: show it to somebody else.")


class PasswordRequired(Forbidden):
    code, message = "password_required", _("This code asks for a password.")


class WrongInvitationPassword(Forbidden):
    code, message = "wrong_password", _("That is not this code’s password.")


class KnockUnknown(NotFound):
    code, message = "knock_unknown", _("Nobody is waiting here.")


class KnockRefused(Forbidden):
    code, message = "knock_refused", _("You were not let in this time.")


class AlreadyIn(Conflict):
    code, message = "already_in", _("This person was let in already.")


class WaitingRoomFull(Conflict):
    code, message = "waiting_room_full", _("Too many people are waiting already. Try again in a moment.")
