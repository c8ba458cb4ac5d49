"""The answer that signs somebody in: cookies for a browser, tokens in the body for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED
from abdre.device import device_that_asks
from abdre.tokens import is_browser, set_auth_cookies
from abdre.wire import Moment, utc
from auth_svc.services import Tokens, open_session
from user_svc.selectors import UserJson, user_json

if TYPE_CHECKING:
    from user_svc.models import User


class TokensJson(TypedDict):
    """`expires_in`: seconds that the access token lasts."""

    access_token: str
    refresh_token: str
    expires_in: int


class SignedInJson(TypedDict):
    """A browser gets the tokens as cookies, and not here.

    `came_back`: the account was deactivated until now. `deletion_due_at`: it is to be deleted.
    """

    access_token: NotRequired[str]
    refresh_token: NotRequired[str]
    expires_in: NotRequired[int]
    user: UserJson
    came_back: NotRequired[bool]
    deletion_due_at: NotRequired[Moment]


def signed_in(
    request: Request,
    user: User,
    body: dict[str, Any] | None = None,
    *,
    status: int = 200,
    remember: bool = True,
    by_second_factor: bool = False,
) -> Response:
    """Open a session for `user` on the device that asks."""
    tokens = open_session(
        user_id=user.id, remember=remember, device=device_that_asks(request), by_second_factor=by_second_factor
    )
    return with_tokens(request, tokens, body, status=status)


def with_tokens(
    request: Request,
    tokens: Tokens,
    body: dict[str, Any] | None = None,
    *,
    status: int = 200,
    by_cookie: bool | None = None,
) -> Response:
    """`by_cookie` where the way is known; else a browser gets cookies and never sees a token."""
    said = {**(body or {}), "user": user_json(tokens.user), **_standing(tokens)}
    to_browser = is_browser(request) if by_cookie is None else by_cookie
    body = said if to_browser else {**tokens_json(tokens), **said}
    return handed_over(tokens, body, to_browser=to_browser, status=status)


def handed_over(tokens: Tokens, body: dict[str, Any], *, to_browser: bool, status: int = 200) -> Response:
    """`body` holds the tokens for a program; a browser gets them as cookies."""
    response = Response(body, status=status, headers=UNCACHED)
    if to_browser:
        set_auth_cookies(response, access=tokens.access, refresh=tokens.refresh, remember=tokens.remember)
    return response


def tokens_json(tokens: Tokens) -> TokensJson:
    return {"access_token": tokens.access, "refresh_token": tokens.refresh, "expires_in": tokens.expires_in}


def _standing(tokens: Tokens) -> dict[str, Any]:
    """What whoever has just signed in should be told of their account."""
    told: dict[str, Any] = {"came_back": True} if tokens.came_back else {}
    return told | ({"deletion_due_at": utc(tokens.user.deletion_due_at)} if tokens.user.deletion_due_at else {})
