"""What can be refused about coming in on another device: by a device code, or by a guest's recovery link."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Gone, NotFound


class DeviceCodeUnknown(NotFound):
    code, message = "device_code_unknown", _("This code is not known here.")


class DeviceCodeExpired(Gone):
    code, message = "device_code_expired", _("This code has ended. Scan the new one on the screen.")


class DeviceCodeDeclined(Gone):
    code, message = "device_code_declined", _("This login was declined.")


class DeviceCodeUsed(Gone):
    code, message = "device_code_used", _("This code has been used already.")


class RecoveryLinkUnknown(NotFound):
    code, message = "recovery_link_unknown", _("This link is not known here.")


class RecoveryLinkExpired(Gone):
    code, message = "recovery_link_expired", _("This link has expired. Make a new one on the old device.")


class RecoveryLinkRevoked(Gone):
    code, message = "recovery_link_revoked", _("A newer link has replaced this one, or it was taken back.")


class RecoveryLinkUsed(Gone):
    code, message = "recovery_link_used", _("This link has been used already.")


class GuestIsMember(Gone):
    """Who has an account is signed in by it and by nothing else."""

    code, message = "guest_is_member", _("This guest has an account by now. Log in with it.")
