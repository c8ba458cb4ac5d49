"""Refusals as pages, each with its request id and a way on."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from abdre import errors as kernel
from abdre import tokens
from gateway_svc.errors import Refused
from gateway_svc.selectors.join import Way
from gateway_svc.views.rendering import render


@dataclass(frozen=True)
class ErrorPage:
    status: int
    title: str
    text: str
    ways: list[Way]


def error_page(request: HttpRequest, status: int, text: str = "", *, retry_after_s: int | None = None) -> HttpResponse:
    error = _page(request, status, text)
    context = {"error": error, "request_id": request.headers.get("X-Request-ID", "")}
    response = render(request, "errors/error.html", context, status=error.status)
    say_when_to_retry(response, retry_after_s)
    return response


def say_when_to_retry(response: HttpResponse, after_s: int | None) -> None:
    if after_s is not None:
        response["Retry-After"] = str(after_s)


def refusal_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return error_page(request, refusal.status, refusal.text, retry_after_s=refusal.retry_after_s)


def refused(scope: Any, refusal: kernel.AppError) -> HttpResponse:
    """`REFUSED`: what the door says itself, or the proxy of a service that is away."""
    request = ASGIRequest(scope, BytesIO())
    if _is_api(request):
        return kernel.json_refused(scope, refusal)
    with translation.override(translation.get_language_from_request(request)):
        return error_page(request, refusal.status, refusal.text, retry_after_s=refusal.retry_after_s)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`."""
    return kernel.json_bad_request(request, exception) if _is_api(request) else error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`."""
    return kernel.json_answer(kernel.Forbidden()) if _is_api(request) else error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`."""
    return kernel.json_not_found(request, exception) if _is_api(request) else error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`."""
    return kernel.json_server_error(request) if _is_api(request) else error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: most often a form that lay open for long, or a browser that keeps no cookies."""
    if _is_api(request):
        return kernel.json_answer(kernel.Forbidden())
    text = _("This form could not be trusted. Go back, reload the page and try again; cookies must be allowed.")
    return error_page(request, 403, text)


def _is_signed_in(request: HttpRequest) -> bool:
    """As the cookie says; nothing is asked of anybody where something is wrong already."""
    try:
        return bool(tokens.read(request.COOKIES.get(tokens.ACCESS_COOKIE, "")))
    except kernel.Unauthenticated:
        return False


def _is_api(request: HttpRequest) -> bool:
    """In the all-in-one these handlers answer for the services' own addresses too."""
    return request.path.startswith("/api/")


def _page(request: HttpRequest, status: int, text: str) -> ErrorPage:
    is_known = _is_signed_in(request)
    start = Way(_("To the start"), "/", not is_known)
    home = [Way(_("To your chats"), "/chats", True), start] if is_known else [start]
    again = Way(_("Try again"), request.get_full_path() if request.method == "GET" else "/", True)
    away = (_("Back in a moment"), _("A part of the service is not available right now. Nothing is lost."), [again])
    pages = {
        400: (_("That was not understood"), _("The address or the form was not what we expected."), home),
        403: (_("Not allowed"), _("You may not do that here."), home),
        404: (_("Nothing here"), _("This page does not exist, or it is not yours to see."), home),
        405: (_("Not like this"), _("This address is opened in another way."), home),
        408: (_("That took too long"), _("Your connection may be slow. Nothing was changed."), [again]),
        409: (_("That does not fit"), _("Something has changed meanwhile. Look again."), [again]),
        410: (_("Gone"), _("This was here once, and is no longer."), home),
        413: (_("Too large"), _("That is more than we can take at once."), home),
        422: (_("That is not quite right"), _("Something in the form cannot be used as it is."), [again]),
        429: (_("A little slower, please"), _("There were many tries in a short time. Wait a moment."), [again]),
        500: (_("Something broke"), _("The fault is ours, and it was noted."), [again]),
        502: away,
        503: away,
        504: away,
    }
    known = status if status in pages else 500
    title, usual, ways = pages[known]
    # What a service says of its own fault is for us; what it says of a refusal is for the person.
    return ErrorPage(known, title, text if text and known < 500 else usual, ways)
