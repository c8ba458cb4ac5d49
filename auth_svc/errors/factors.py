"""What can be refused about second factors."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, ErrorJson, Forbidden, Gone, Invalid, NotFound, Unauthenticated

Factor = Literal["totp", "recovery_code", "passkey"]


class SecondFactorRequiredJson(ErrorJson):
    """`challenge` goes to /api/auth/login/second-factor, with what shows one of `factors`, in `expires_in` seconds."""

    challenge: str
    factors: list[Factor]
    expires_in: int


class SecondFactorRequired(Unauthenticated):
    """The first factor was right, and is not enough."""

    code, message = "second_factor_required", _("Now show your second factor.")
    shape = SecondFactorRequiredJson

    def __init__(self, *, challenge: str, factors: list[Factor], expires_in: int) -> None:
        super().__init__()
        self.beside: dict[str, Any] = {"challenge": challenge, "factors": factors, "expires_in": expires_in}

    def body(self) -> Any:
        return {**super().body(), **self.beside}


class ChallengeExpired(Unauthenticated):
    """Too old, forged, or from before the password was changed."""

    code, message = "challenge_expired", _("That took too long. Please log in from the start.")


class SecondFactorNeeded(Forbidden):
    """Asked again who it is, a password does not replace what this session has never shown."""

    code, message = "second_factor_needed", _("Please use your app, a recovery code or a passkey.")


class WrongCode(Invalid):
    """Wrong, of another person, or used before."""

    code, message = "wrong_code", _("That code is not right, or was used already. Wait for the next one.")

    def __init__(self) -> None:
        super().__init__(fields={"code": [str(self.message)]})


class TotpIsOn(Conflict):
    code, message = "totp_is_on", _("You use an authenticator app already. Remove it first to use another.")


class EnrolmentExpired(Gone):
    """Too old, or of another person."""

    code, message = "enrolment_expired", _("That took too long. Please begin once more.")


class TotpNotFound(NotFound):
    code, message = "totp_not_found", _("You use no authenticator app.")


class NoSecondFactor(Conflict):
    code, message = "no_second_factor", _("Recovery codes come with an authenticator app or a passkey.")


class PasskeyRefused(Invalid):
    """Of another person or place, without the user's verification, used before, or not to be read."""

    code, message = "passkey_refused", _("That passkey did not work here. Please try again.")


class PasskeyNotFound(NotFound):
    code, message = "passkey_not_found", _("There is no such passkey of yours.")


class TooManyPasskeys(Conflict):
    code, message = "too_many_passkeys", _("You have as many passkeys as one can have. Remove one first.")
