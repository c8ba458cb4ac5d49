"""What can be refused to whoever comes from somebody else's login, or links one; the code travels to our pages."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Forbidden, Gone, NotFound, Unavailable


class EmailInUse(Conflict):
    """The provider vouches for an address that an account of ours holds: whose account it is must be shown first."""

    code, message = (
        "email_in_use",
        _("There is an account with this e-mail address already. Sign in to it first."),
    )


class ProviderDenied(Forbidden):
    code, message = "provider_denied", _("You did not let us know who you are there. You can try again.")


class ProviderFailed(Unavailable):
    code, message = "provider_failed", _("Signing in over there did not work. Please try again.")


class ProviderNotFound(NotFound):
    code, message = "provider_not_found", _("There is no such login here.")


class SomebodyElse(Forbidden):
    """Whoever comes back is not the person who went: another account over there, or another person here by now."""

    code, message = "somebody_else", _("That account over there is not linked to yours.")


class FlowExpired(Gone):
    code, message = "flow_expired", _("That took too long. Please begin again.")


class LinkedElsewhere(Conflict):
    code, message = "linked_elsewhere", _("That account over there belongs to another person here.")


class LinkedAccountNotFound(NotFound):
    code, message = "linked_account_not_found", _("There is no such linked account of yours.")
