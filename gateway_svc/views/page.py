"""What every page view does alike: who asks, what refusals become, where one may be sent on to."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

from abdre import service_client, tokens
from abdre.appearance import appearance_of, zone_of
from abdre.errors import Unauthenticated
from abdre.origin import netloc_of
from abdre.own_path import HOME, own_path, welcome_back
from abdre.service_client import ServiceAway
from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Api, Json
from gateway_svc.selectors.in_app import InApp, in_app
from gateway_svc.services import Tokens, tokens_of
from gateway_svc.views.errors import error_page, refusal_page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponse]]
WORTH_COMPRESSING_BYTES = 1024
ATTEMPT_COOKIE = "join_attempt"
# A service that restarts is back in about this time.
AWAY_S = 5
# What a service says where somebody must first show once more that it is them.
SHOW_AGAIN = ("reauthentication_required", "second_factor_needed")


class SeeOther(HttpResponseRedirect):
    """The way on after a POST: 303, so that a reload repeats the page and not the deed."""

    status_code = 303


def page(view: View[P]) -> View[P]:
    """A view whose refusals and absent services become pages, and which nobody's cache keeps.

    Who comes with the token of a session that has ended is asked again as nobody: they may log in, join, move here.
    """

    @wraps(view)
    async def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            with timezone.override(zone_of(appearance_of(request.COOKIES))):
                response = await view(request, *args, **kwargs)
        except Refused as refusal:
            if refusal.code == "not_signed_in" and request.COOKIES.pop(tokens.ACCESS_COOKIE, ""):
                return await wrapped(request, *args, **kwargs)
            response = _answer(request, refusal)
        except ServiceAway:
            response = error_page(request, 503, retry_after_s=AWAY_S)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return _compressed(request, response)

    return wrapped


def secret_address(view: View[P]) -> View[P]:
    """For a page whose address opens something: it goes to no other site and into no index.

    Not `no-referrer`: under it the page's own form would send `Origin: null`, which CSRF protection refuses.
    """

    @wraps(view)
    async def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = await view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return wrapped


def _answer(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if refusal.status == 401:
        return to_login(request)
    if refusal.code in SHOW_AGAIN:
        return to_reauthentication(_page_to_return_to(request))
    return refusal_page(request, refusal)


def _page_to_return_to(request: HttpRequest) -> str:
    """What was pressed is not done by coming back, and the page says so."""
    way = _way_back(request)
    return way if request.method in ("GET", "HEAD") or way == HOME else f"{way}?again=1"


def to_reauthentication(way_back: str) -> HttpResponse:
    return SeeOther(f"/reauthenticate?{urlencode({'next': way_back})}")


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A chat's page is five times smaller so. Here and not by GZipMiddleware, which costs each request a thread hop.

    Random bytes of padding (and Django's masking of the CSRF token) keep the size from telling secrets: BREACH, 2013.
    """
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) >= WORTH_COMPRESSING_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = compress_string(response.content, max_random_bytes=100)
        response["Content-Encoding"] = "gzip"
    return response


def signed_in(view: View[P]) -> View[P]:
    """A page for people who are signed in; others are sent to the login and come back."""

    @page
    @wraps(view)
    async def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if _is_unknown(request):
            return error_page(request, 503, retry_after_s=AWAY_S)
        if viewer_id(request) is None:
            return to_login(request)
        return await view(request, *args, **kwargs)

    return wrapped


def _is_unknown(request: HttpRequest) -> bool:
    """Whether somebody is signed in of whom nobody can say who it is: their session could not be renewed just now."""
    return bool(getattr(request, "scope", {}).get("identity_unknown"))  # `scope`: under ASGI only


def viewer_id(request: HttpRequest) -> str | None:
    """Whom the cookie names. The services look anew at each call; here it only decides which page is meant."""
    try:
        return str(tokens.read(request.COOKIES.get(tokens.ACCESS_COOKIE, "")).id)
    except Unauthenticated:
        return None


def me(request: HttpRequest) -> str:
    """As `viewer_id`, on pages for people who are signed in."""
    user_id = viewer_id(request)
    assert user_id is not None  # `signed_in` stands before
    return user_id


def api_of(request: HttpRequest) -> Api:
    return Api(partial(service_client.call, request=request))


async def viewer_of(request: HttpRequest) -> people.Viewer | None:
    """For pages that are for everybody: a token of a session that has ended counts as nobody."""
    user_id = viewer_id(request)
    if user_id is None:
        return None
    try:
        return await people.viewer(api_of(request), user_id)
    except Refused as refusal:
        if refusal.status in (401, 404):
            return None
        raise


def in_app_of(request: HttpRequest) -> InApp | None:
    return in_app(user_agent=request.headers.get("User-Agent", ""), url=request.build_absolute_uri())


def to_login(request: HttpRequest) -> HttpResponse:
    return SeeOther(f"/login?{urlencode({'next': _way_back(request)})}")


def _way_back(request: HttpRequest) -> str:
    """The page asked for; for a form, the page it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    return own_path(urlsplit(page).path) if netloc_of(page) == request.get_host() else HOME


def next_path(request: HttpRequest) -> str:
    return own_path(request.POST.get("next") or request.GET.get("next"))


def sign_in(response: HttpResponse, held: Tokens | None, *, remember: bool = True) -> None:
    if held is not None:
        tokens.set_auth_cookies(response, access=held.access, refresh=held.refresh, remember=remember)


def sign_out(response: HttpResponse) -> None:
    """This device forgets who was here."""
    tokens.clear_auth_cookies(response)
    # Whoever takes this device next must not come in as the guest who has just gone.
    response.delete_cookie(ATTEMPT_COOKIE, samesite="Lax")


def welcome(request: HttpRequest, answer: Json, *, remember: bool, way_on: str = "") -> HttpResponse:
    """The way on for who has just logged in, by a word on their account where there is one to say."""
    target = way_on or next_path(request)
    if answer.get("came_back") or answer.get("deletion_due_at"):
        target = welcome_back(target)
    response = SeeOther(target)
    sign_in(response, tokens_of(answer), remember=remember)
    return response


async def together(*asked: Awaitable[Any]) -> list[Any]:
    """The parts of a page, side by side."""
    return list(await asyncio.gather(*asked))
