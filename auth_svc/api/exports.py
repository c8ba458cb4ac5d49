"""Archives of what is known of the person who asks."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, person_of, who_of
from abdre.errors import TooMany
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from auth_svc.errors.exports import ExportNotFound, ExportPending
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import ReauthenticationRequired
from auth_svc.selectors.exports import ExportJson, export_json, exports_of
from auth_svc.services import ask_for_export, take_export

ZIP = "application/zip"


class ExportListView(ApiView):
    @operation("List my archives", {200: Items[ExportJson]}, note="The newest first; each is kept for seven days.")
    def get(self, request: Request) -> Response:
        return Response({"items": [export_json(export) for export in exports_of(person_of(request).id)]})

    @operation(
        "Ask for an archive of my data",
        {202: ExportJson},
        note="Made in the background: a zip of JSON files with all that is known of me, and all I wrote. One at a "
        "time, five a day.",
        refusals=[ReauthenticationRequired, SecondFactorNeeded, ExportPending, TooMany],
    )
    def post(self, request: Request) -> Response:
        export = ask_for_export(**who_of(request))
        return Response(export_json(export), status=202)


class ArchiveView(ApiView):
    @operation(
        "Download an archive of mine",
        {200: ZIP},
        refusals=[ReauthenticationRequired, SecondFactorNeeded, ExportNotFound],
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponse:
        export = take_export(export_id=export_id, **who_of(request))
        name = f"abdre-chat-{export.asked_at:%Y-%m-%d}.zip"
        headers = {**UNCACHED, "Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(bytes(export.archive or b""), content_type=ZIP, headers=headers)
