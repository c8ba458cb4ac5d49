"""What can be refused on the way back from somebody else's login; the code travels to the login page."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Forbidden, Unavailable


class EmailInUse(Conflict):
    """The provider vouches for an address that an account of ours holds: whose password it is must be shown first."""

    code, message = (
        "email_in_use",
        _("There is an account with this e-mail address already. Sign in with its password."),
    )


class ProviderDenied(Forbidden):
    code, message = "provider_denied", _("You did not let us know who you are there. You can try again.")


class ProviderFailed(Unavailable):
    code, message = "provider_failed", _("Signing in over there did not work. Please try again.")
