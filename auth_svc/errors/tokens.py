"""What can be refused about personal tokens and bots."""

from django.utils.translation import gettext_lazy as _

from abdre.errors import Conflict, Invalid, NotFound, Unauthenticated


class WrongToken(Unauthenticated):
    """Unknown, expired, revoked, or of somebody who may not come in: they look alike."""

    code, message = "wrong_token", _("This token opens nothing (any more).")


class TokenNotFound(NotFound):
    code, message = "token_not_found", _("There is no such token of yours.")


class TooManyTokens(Conflict):
    code, message = "too_many_tokens", _("You have as many tokens as one can have. Revoke one first.")


class TooManyBots(Conflict):
    code, message = "too_many_bots", _("You have as many bots as one can have. Delete one first.")


class InvalidToken(Invalid):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(fields={field: [problem]})
