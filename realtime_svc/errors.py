"""What the handshake refuses; the consumer turns each into the code with which the socket closes."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import AppError, Forbidden, TooMany, Unauthenticated


class SessionEnded(Unauthenticated):
    """The token is well, the session behind it is not."""


class ShutOut(Forbidden):
    code, message = "banned", _("This account may not be used.")


class AnotherSession(Forbidden):
    code, message = "another_session", _("This token belongs to another session.")


class TooFast(TooMany):
    code, message = "too_fast", _("Too many commands. Please slow down, or the connection ends.")


class HubAway(AppError):
    """The hub could not read what it needs; the client comes back."""

    status, code, message = 503, "unavailable", _("This part is unavailable right now. Please try again.")
