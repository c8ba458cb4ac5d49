"""Refusals as facts with a code, and the one place per delivery where they become an answer."""

import datetime as dt
import logging
from typing import Any, ClassVar, NotRequired, TypedDict

from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response

from abdre import tally
from abdre.db import sweep_pool
from abdre.wire import Moment, utc

log = logging.getLogger(__name__)

# What is counted of refusals: those of a right or a limit, each where it becomes an answer.
REFUSED = "refused"
COUNTED_STATUSES = (403, 429)

Fields = dict[str, list[str]]


class RefusalJson(TypedDict):
    code: str
    message: str
    fields: NotRequired[Fields]
    until: NotRequired[Moment]  # where it may be done again by itself


class ErrorJson(TypedDict):
    error: RefusalJson


class AppError(Exception):
    """Something was refused. `code` is for programs, `message` for people."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    message: ClassVar[Any] = _("Something went wrong.")
    # What the answer looks like: a TypedDict that adds to ErrorJson where the way on stands beside `error`.
    shape: ClassVar[Any] = ErrorJson
    until: dt.datetime | None = None

    def __init__(
        self, message: str | None = None, *, fields: Fields | None = None, retry_after_s: int | None = None
    ) -> None:
        self.text = str(message or self.message)
        self.fields = fields
        self.retry_after_s = retry_after_s
        super().__init__(self.text)

    def body(self) -> ErrorJson:
        body = error_body(self.code, self.text, self.fields)
        if self.until:
            body["error"]["until"] = utc(self.until)
        return body


class Malformed(AppError):
    status, code, message = 400, "malformed", _("The request could not be read.")


class Unauthenticated(AppError):
    status, code, message = 401, "not_signed_in", _("Please sign in.")


class Forbidden(AppError):
    status, code, message = 403, "forbidden", _("You may not do that.")


class NotFound(AppError):
    status, code, message = 404, "not_found", _("There is nothing here.")


class Conflict(AppError):
    status, code, message = 409, "conflict", _("That does not fit with what is there.")


class Gone(AppError):
    status, code, message = 410, "gone", _("This is no longer there.")


class TooSlow(AppError):
    status, code, message = 408, "too_slow", _("That took too long to arrive.")


class TooLarge(AppError):
    status, code, message = 413, "too_large", _("That is too large.")


class Invalid(AppError):
    status, code, message = 422, "invalid", _("Some of this is not right.")


class TooMany(AppError):
    status, code, message = 429, "too_many", _("Too many tries. Please wait a little.")


class Unavailable(AppError):
    status, code, message = 503, "unavailable", _("This part is unavailable right now. Please try again.")


def error_body(code: str, message: str, fields: Fields | None = None) -> ErrorJson:
    """`{"error": {"code", "message", "fields"?}}`, the shape of every refusal."""
    error: RefusalJson = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return {"error": error}


# What the framework itself refuses, in our words.
_FRAMEWORK: dict[type[Exception], type[AppError]] = {
    exceptions.ParseError: Malformed,
    exceptions.NotAuthenticated: Unauthenticated,
    exceptions.AuthenticationFailed: Unauthenticated,
    exceptions.PermissionDenied: Forbidden,
    exceptions.NotFound: NotFound,
    exceptions.Throttled: TooMany,
    OperationalError: Unavailable,  # the database is away; a fault of ours is an IntegrityError or worse
    PoolTimeout: Unavailable,
    Http404: NotFound,
}


class MethodNotAllowed(AppError):
    status, code, message = 405, "method_not_allowed", _("This address does not take that method.")


class UnsupportedMediaType(AppError):
    status, code, message = 415, "unsupported_media_type", _("Bodies are JSON: send Content-Type: application/json.")


def as_app_error(problem: Exception) -> AppError | None:
    """The refusal that `problem` stands for; None where it is a fault of ours."""
    if isinstance(problem, AppError):
        return problem
    if isinstance(problem, exceptions.MethodNotAllowed):
        return MethodNotAllowed()
    if isinstance(problem, exceptions.UnsupportedMediaType):
        return UnsupportedMediaType()
    ours = next((ours for theirs, ours in _FRAMEWORK.items() if isinstance(problem, theirs)), None)
    if ours is Unavailable:
        log.warning("database away", exc_info=problem)
        sweep_pool()
        return Unavailable(retry_after_s=1)
    return ours() if ours else None


def count_refusal(refusal: AppError) -> None:
    """For those who look after the installation. Called by what shows a refusal to whoever asked, once for each."""
    if refusal.status in COUNTED_STATUSES:
        tally.add(REFUSED)


def json_answer(refusal: AppError) -> JsonResponse:
    answer = JsonResponse(refusal.body(), status=refusal.status)
    if refusal.retry_after_s is not None:
        answer["Retry-After"] = str(refusal.retry_after_s)
    return answer


def json_refused(scope: Any, refusal: AppError) -> JsonResponse:
    """`REFUSED` of the roles that serve no pages: what the door says for itself."""
    return json_answer(refusal)


def render(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    refusal = as_app_error(problem)
    if refusal is None:
        return None
    count_refusal(refusal)
    response = Response(refusal.body(), status=refusal.status)
    if refusal.retry_after_s is not None:
        response["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def json_not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """`handler404` of the roles that serve no pages."""
    return JsonResponse(NotFound().body(), status=404)


def json_server_error(request: HttpRequest) -> JsonResponse:
    """`handler500` of the roles that serve no pages."""
    return JsonResponse(AppError().body(), status=500)


def json_bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse(Malformed().body(), status=400)
