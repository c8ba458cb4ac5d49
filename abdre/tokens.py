"""Who is asking: access tokens (RS256, a key set), the cookies that carry them, and DRF's door for both."""

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework.authentication import CSRFCheck
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from abdre.errors import Forbidden, Unauthenticated
from abdre.key_set import KeySet, key_set, verifying_key
from abdre.origin import netloc_of
from abdre.seen import note_person
from abdre.store import StoreAway, store

log = logging.getLogger(__name__)

ACCESS_COOKIE = "abdre_access"
REFRESH_COOKIE = "abdre_refresh"
ALGORITHM = "RS256"
# Looking a signature over costs more than all else at the door, and a token comes with each request of its person.
SIGNATURES_KEPT = 2048
# Clocks of two machines that are kept right differ by less: so early or so late a token is still believed.
LEEWAY_S = 10
# What a personal token may be good for.
READ, WRITE = "read", "write"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Person:
    """Whoever the verified token names. What they may do is read from rows, never from here."""

    id: UUID
    session_id: UUID
    expires_at: float  # Unix seconds by the signer's clock, when the token (not the session) ends
    scopes: frozenset[str] | None = None  # of a personal token; None: all, in a session of the person's own
    is_authenticated: bool = True

    @property
    def pk(self) -> UUID:
        return self.id

    @property
    def is_in_person(self) -> bool:
        """Not a program to which the person has given a token."""
        return self.scopes is None

    def may(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def token_lasts_s(self) -> float:
        """Seconds until the token is refused here, by this machine's clock."""
        return self.expires_at + LEEWAY_S - time.time()


class KeySetBackend(TokenBackend):
    """simplejwt's backend with a key set: it writes `kid`, and looks the verifying key up by it."""

    def encode(self, payload: dict[str, Any]) -> str:
        signing = key_set().signing
        if signing is None:
            raise TokenBackendError("this role holds no signing key")
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, signing.private, algorithm=ALGORITHM, headers={"kid": signing.kid})

    def get_verifying_key(self, token: Any) -> Any:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError as problem:
            raise TokenBackendError("Token is invalid") from problem
        key = verifying_key(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenBackendError("Token is signed by a key we do not know")
        return key


class AccessToken(Token):
    """`sub` = person, `session` = the Session row, ten minutes at most."""

    token_type = "access"
    lifetime = timedelta(seconds=settings.ACCESS_TOKEN_LIFETIME_S)
    _token_backend = KeySetBackend(
        ALGORITHM, audience=settings.TOKEN_AUDIENCE, issuer=settings.TOKEN_ISSUER, leeway=LEEWAY_S
    )

    @classmethod
    def issue(cls, *, user_id: UUID, session_id: UUID, scopes: Iterable[str] | None = None) -> str:
        """`scopes` narrow what a personal token is good for; what its person may do, rows say."""
        token = cls()
        token["sub"] = str(user_id)
        token["session"] = str(session_id)
        if scopes is not None:
            token["scope"] = " ".join(sorted(scopes))  # as RFC 9068 spells it
        return str(token)

    @property
    def person(self) -> Person:
        scopes = frozenset(self["scope"].split()) if "scope" in self.payload else None
        return Person(UUID(self["sub"]), UUID(self["session"]), float(self["exp"]), scopes)


def verify(raw: str) -> Person:
    """The person that a well-signed, unexpired access token of a living session names. Raises Unauthenticated."""
    person = read(raw)
    if not session_lives(person.session_id):
        raise Unauthenticated
    return person


def read(raw: str) -> Person:
    """As `verify`, without asking whether the session still lives."""
    try:
        person = _signed(raw, key_set())
    except (TokenError, TokenBackendError, KeyError, ValueError) as problem:
        raise Unauthenticated from problem
    if person.token_lasts_s() <= 0:
        raise Unauthenticated
    note_person(person.id)
    return person


@lru_cache(maxsize=SIGNATURES_KEPT)
def _signed(raw: str, keys: KeySet) -> Person:
    """Remembered for as long as the keys are the same: who is signed by a dropped one is nobody any more."""
    return AccessToken(raw.encode("ascii")).person  # type: ignore[arg-type]  # simplejwt types the text as a Token


ALIVE, ENDED = "alive", "ended"
# How long a living session is believed to live without asking its row again.
BELIEVED_S = 2


def session_key(session_id: UUID) -> str:
    """Where the store keeps whether the session lives. A store that has forgotten is told again by the row."""
    return f"session:{session_id}"


def mark_ended(session_id: UUID) -> None:
    """Refuse the session's access tokens everywhere, at once, for as long as one may still be unexpired."""
    try:
        store.put(session_key(session_id), ENDED, ttl_s=settings.ACCESS_TOKEN_LIFETIME_S + 60)
    except StoreAway:
        log.warning("ended session not marked; its row says so")


def session_lives(session_id: UUID) -> bool:
    try:
        known = store.get(session_key(session_id))
    except StoreAway:
        return _row_lives(session_id)
    if known is not None:
        return known == ALIVE
    lives = _row_lives(session_id)
    if lives:
        _believe(session_id)
    return lives


def _believe(session_id: UUID) -> None:
    """Unless it was ended since its row was asked."""
    with suppress(StoreAway):
        store.add(session_key(session_id), ALIVE, ttl_s=BELIEVED_S)


def _row_lives(session_id: UUID) -> bool:
    return bool(import_string(settings.SESSION_IS_ALIVE)(session_id))


class TokenAuthentication(JWTStatelessUserAuthentication):
    """`Authorization: Bearer` wins; else the cookie, which needs the CSRF token on unsafe methods.

    An unsafe request of nobody is refused when it comes from a foreign page: signing somebody in is an unsafe deed too.
    """

    def authenticate(self, request: Request) -> tuple[Person, str] | None:  # type: ignore[override]  # our own Person
        header = self.get_header(request)
        if header is not None and (raw := self.get_raw_token(header)) is not None:
            return verify(raw.decode("ascii", "replace")), "bearer"
        if cookie := request.COOKIES.get(ACCESS_COOKIE):
            return self._by_cookie(request, cookie)
        if request.method not in SAFE_METHODS:
            refuse_foreign_page(request)
        return None

    def _by_cookie(self, request: Request, cookie: str) -> tuple[Person, str] | None:
        try:
            person = verify(cookie)
        except Unauthenticated:
            # A stale cookie must not stand in the way of signing in; who needs a person is refused as nobody.
            if request.method not in SAFE_METHODS:
                refuse_foreign_page(request)
            return None
        if request.method not in SAFE_METHODS:
            _enforce_csrf(request)
        return person, "cookie"


def _enforce_csrf(request: Request) -> None:
    def never(_: HttpRequest) -> HttpResponseBase:
        raise NotImplementedError

    check: Any = CSRFCheck(never)
    check.process_request(request)
    if check.process_view(request, None, (), {}):
        raise Forbidden("The CSRF token is missing or wrong.")


def refuse_foreign_page(request: HttpRequest | Request) -> None:
    """Raises Forbidden when a browser says that another site's page sends this."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This came from another site.")
    origin = request.headers.get("Origin")
    if origin is not None and not is_own_origin(origin, host=request.get_host()):
        raise Forbidden("This came from another site.")


def is_own_origin(origin: str, *, host: str) -> bool:
    """Whether a page of `origin` is one of ours, reached under `host`."""
    return origin == settings.PUBLIC_ORIGIN or netloc_of(origin) == host


def is_browser(request: HttpRequest | Request) -> bool:
    """Browsers say so by `Sec-Fetch-Site`; on plain http off localhost that is missing, but a `fetch` names its Origin.

    Not by `Sec-Fetch-Mode`: the `fetch` of Node sends that too, from no site.
    """
    return any(name in request.headers for name in ("Sec-Fetch-Site", "Origin"))


def set_auth_cookies(response: HttpResponseBase, *, access: str, refresh: str, remember: bool) -> None:
    """Both as HttpOnly and SameSite=Lax. Without `remember` they end with the browser."""
    for name, value in ((ACCESS_COOKIE, access), (REFRESH_COOKIE, refresh)):
        response.set_cookie(
            name,
            value,
            max_age=settings.SESSION_LIFETIME_S if remember else None,
            httponly=True,
            samesite="Lax",
            secure=settings.SECURE_ORIGIN,
        )


def clear_auth_cookies(response: HttpResponseBase) -> None:
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        response.delete_cookie(name, samesite="Lax")


def is_fresh(raw: str, *, margin_s: float = 5) -> bool:
    """Whether the token is ours and will still be unexpired when the service behind looks at it.

    The leeway is left to the clocks' difference: it is none of the token's lifetime.
    """
    try:
        return read(raw).expires_at > time.time() + margin_s
    except Unauthenticated:
        return False
