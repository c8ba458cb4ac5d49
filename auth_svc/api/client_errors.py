"""Pages report the errors they meet; also those of nobody yet, since joining and signing in may fail too."""

from typing import Any

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.views import ApiView
from auth_svc.models.client_errors import MESSAGE_LENGTH, PATH_LENGTH, REQUEST_ID_LENGTH, STACK_LENGTH, VERSION_LENGTH
from auth_svc.services.client_errors import Report, report_client_error

PLACE_HIGHEST = 1_000_000


class OptionalText(StrictCharField):
    def __init__(self, *, max_length: int) -> None:
        super().__init__(max_length=max_length, default="", allow_blank=True)


class Place(StrictIntegerField):
    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=PLACE_HIGHEST, default=0)


class ClientErrorReport(serializers.Serializer[Any]):
    message = StrictCharField(max_length=MESSAGE_LENGTH)
    file = OptionalText(max_length=PATH_LENGTH)
    line = Place()
    column = Place()
    stack = OptionalText(max_length=STACK_LENGTH)
    page = OptionalText(max_length=PATH_LENGTH)
    version = OptionalText(max_length=VERSION_LENGTH)
    request_id = OptionalText(max_length=REQUEST_ID_LENGTH)


class ClientErrorView(ApiView):
    permission_classes = (AllowAny,)
    counts_as_deed = False  # it has a limit of its own

    @operation("Report an error of a page", {204: None}, body=ClientErrorReport)
    def post(self, request: Request) -> Response:
        report = Report(**parse(ClientErrorReport, request.data))
        report_client_error(
            report,
            browser=request.headers.get("User-Agent", ""),
            user_id=person_of(request).id if request.user else None,
            address=address_prefix(request),
        )
        return Response(status=204)
