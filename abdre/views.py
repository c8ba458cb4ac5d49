"""What every view of an API does alike."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from abdre.api import person_of
from abdre.errors import Forbidden
from abdre.limits import address_prefix, collected, headers_of, limit
from abdre.tokens import READ, SAFE_METHODS, WRITE


class ApiView(APIView):
    """Every change is counted, by person, else by network; each answer tells what is left of the limits it met."""

    # Not where a network of many people must not run out of them, or where a limit of its own stands.
    counts_as_deed: ClassVar[bool] = True
    # What governs the account itself is for its person, and not for programs that hold a personal token.
    in_person: bool = False
    # Where what is read lets somebody write, as the link of a code does.
    reads_by_writing: ClassVar[bool] = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with collected() as quotas:
            response = super().dispatch(request, *args, **kwargs)
        for name, value in headers_of(quotas).items():
            response[name] = value
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.user:
            self._check_scope(request)
        if self.counts_as_deed and request.method not in SAFE_METHODS:
            _count_deed(request)

    def _check_scope(self, request: Request) -> None:
        person = person_of(request)
        is_reading = request.method in SAFE_METHODS and not self.reads_by_writing
        scope = READ if is_reading else WRITE
        if not person.may(scope) or (self.in_person and not person.is_in_person):
            raise Forbidden(_("This is not what the personal token is for."))


def _count_deed(request: Request) -> None:
    if request.user:
        limit("deeds", str(person_of(request).id), limit=settings.DEEDS_PER_MINUTE, window_s=60)
    else:
        limit("strangers-deeds", address_prefix(request), limit=settings.STRANGERS_DEEDS_PER_MINUTE, window_s=60)
