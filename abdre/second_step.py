"""Between the two steps of logging in, in a browser: the challenge waits in a cookie that only the login pages see."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE = "abdre_challenge"
PATH = "/login"
PAGE = "/login/second-factor"


@dataclass(frozen=True)
class Challenge:
    """As the refusal `second_factor_required` names it; `remember` is how the tokens' cookies will be kept."""

    challenge: str
    factors: list[str]
    expires_in: int
    remember: bool


def keep_challenge(response: HttpResponseBase, challenge: Challenge) -> None:
    """Not in the address of the next page: that is written down in many places."""
    response.set_cookie(
        COOKIE,
        urlsafe_b64encode(json.dumps(asdict(challenge)).encode()).decode(),
        max_age=challenge.expires_in,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_ORIGIN,
    )


def kept_challenge(request: HttpRequest) -> Challenge | None:
    try:
        return Challenge(**json.loads(urlsafe_b64decode(request.COOKIES.get(COOKIE, ""))))
    except (ValueError, TypeError):  # none, or not one of ours
        return None


def drop_challenge(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
