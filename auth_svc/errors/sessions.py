"""What can be refused about a session or an account."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, ErrorJson, Forbidden, Invalid, NotFound, Unauthenticated


class WrongCredentials(Unauthenticated):
    code, message = "wrong_credentials", _("The name or the password is not right.")


class SignedOut(Unauthenticated):
    """The session behind a refresh token has ended, or never was."""

    code, message = "signed_out", _("You were signed out. Please sign in again.")


class ReauthenticationRequired(Forbidden):
    """Changing how one signs in is for who has shown a moment ago who they are, not for who found the phone."""

    code, message = "reauthentication_required", _("Please show once more that it is you.")


class WrongPassword(Invalid):
    code, message = "wrong_password", _("That is not your password.")

    def __init__(self, field: str = "password") -> None:
        super().__init__(fields={field: [str(self.message)]})


class LastWayIn(Conflict):
    code, message = (
        "last_way_in",
        _("This is your only way to log in. Set a password, or add another login, before you remove it."),
    )


class AccountClosedJson(ErrorJson):
    """`reason`: what staff said when they banned the person; empty where nothing was said."""

    reason: str


class AccountClosed(Forbidden):
    """The reason is for who has shown that the account is theirs."""

    code, message = "account_closed", _("This account is closed.")
    shape = AccountClosedJson

    def __init__(self, reason: str = "") -> None:
        said = _("This account is closed. The moderators say: %(reason)s") % {"reason": reason}
        super().__init__(said if reason else None)
        self.reason = reason

    def body(self) -> Any:
        return {**super().body(), "reason": self.reason}


class AccountRequired(Forbidden):
    """Nothing for a guest. Each place says in its own words why."""

    code, message = "account_required", _("This is for people with an account.")


class SessionNotFound(NotFound):
    code, message = "session_not_found", _("There is no such session of yours.")
