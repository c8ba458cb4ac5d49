"""What becomes of whom the provider has named: signed in, linked, or sent back with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect

from abdre.device import device_that_asks
from abdre.errors import AppError, Unauthenticated
from abdre.own_path import welcome_back
from abdre.second_step import PAGE, Challenge, keep_challenge
from abdre.tokens import ACCESS_COOKIE, Person, set_auth_cookies, verify
from auth_svc.errors.factors import SecondFactorRequired
from auth_svc.services import Tokens, admit, renew
from oauth_svc.errors import EmailInUse, SomebodyElse
from oauth_svc.services import PENDING_S, Claims, Flow, Process, arrive, link, reauthenticate
from user_svc.selectors import guest_by_id

if TYPE_CHECKING:
    from user_svc.models import User

LINKED = "/security/linked"
CONFIRM = f"{LINKED}/confirm"
# What waits to be linked; the gateway's page hands it back to our API.
PENDING_COOKIE = "abdre_pending_link"
# Where each is told, in kind words, why it did not work; the codes are those of `oauth_svc.errors`.
PAGES: dict[Process, str] = {"login": "/login", "connect": LINKED, "reauthenticate": "/reauthenticate"}


def welcome(request: HttpRequest, claims: Claims, flow: Flow) -> HttpResponseRedirect:
    try:
        return ENDINGS[flow.process](request, claims, flow)
    except AppError as refusal:
        return turned_away(refusal, flow)


def turned_away(refusal: AppError, flow: Flow) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{PAGES[flow.process]}?{urlencode({'next': flow.next, 'problem': refusal.code})}")


def to_login(next_path: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"/login?{urlencode({'next': next_path})}")


def person_at(request: HttpRequest) -> Person | None:
    """Who is signed in at this browser."""
    try:
        return verify(request.COOKIES.get(ACCESS_COOKIE, ""))
    except Unauthenticated:
        return None


def _log_in(request: HttpRequest, claims: Claims, flow: Flow) -> HttpResponseRedirect:
    """The same session and cookies as by password."""
    here = person_at(request)
    guest = guest_by_id(here.id) if here else None
    try:
        user = arrive(claims=claims, guest_id=guest.id if guest else None)
    except EmailInUse as refusal:
        return _ask_to_link(claims, flow, refusal)
    try:
        tokens = _tokens(request, user, guest, here)
    except SecondFactorRequired as refusal:
        return _ask_second_factor(refusal, flow)
    is_to_be_told = tokens.came_back or user.deletion_due_at
    response = HttpResponseRedirect(welcome_back(flow.next) if is_to_be_told else flow.next)
    set_auth_cookies(response, access=tokens.access, refresh=tokens.refresh, remember=tokens.remember)
    return response


def _ask_to_link(claims: Claims, flow: Flow, refusal: EmailInUse) -> HttpResponseRedirect:
    """To the login and from there to the question; what the provider said waits in a cookie of that page."""
    confirm = f"{CONFIRM}?{urlencode({'next': flow.next})}"
    response = turned_away(refusal, Flow(flow.provider, confirm))
    response.set_cookie(
        PENDING_COOKIE,
        claims.sealed(),
        max_age=PENDING_S,
        path=CONFIRM,
        secure=settings.SECURE_ORIGIN,
        httponly=True,
        samesite="Lax",
    )
    return response


def _link(request: HttpRequest, claims: Claims, flow: Flow) -> HttpResponseRedirect:
    here = _same_person(request, flow)
    link(user_id=here.id, claims=claims, device=device_that_asks(request))
    return HttpResponseRedirect(f"{LINKED}?done=linked")


def _reauthenticate(request: HttpRequest, claims: Claims, flow: Flow) -> HttpResponseRedirect:
    here = _same_person(request, flow)
    reauthenticate(claims=claims, user_id=here.id, session_id=here.session_id)
    return HttpResponseRedirect(flow.next)


def _same_person(request: HttpRequest, flow: Flow) -> Person:
    """Who set out is still signed in here. Raises SomebodyElse."""
    here = person_at(request)
    if here is None or not flow.belongs_to(here.session_id):
        raise SomebodyElse
    return here


def _tokens(request: HttpRequest, user: User, guest: User | None, here: Person | None) -> Tokens:
    """Raises SecondFactorRequired: a login elsewhere is one factor, as a password is."""
    if here and guest and user.id == guest.id:
        return renew(session_id=here.session_id)
    return admit(user=user, device=device_that_asks(request), guest_id=guest.id if guest else None)


def _ask_second_factor(refusal: SecondFactorRequired, flow: Flow) -> HttpResponseRedirect:
    response = HttpResponseRedirect(f"{PAGE}?{urlencode({'next': flow.next})}")
    keep_challenge(response, Challenge(**refusal.beside, remember=True))
    return response


ENDINGS: dict[Process, Callable[[HttpRequest, Claims, Flow], HttpResponseRedirect]] = {
    "login": _log_in,
    "connect": _link,
    "reauthenticate": _reauthenticate,
}
