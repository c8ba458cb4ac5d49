"""A chat as a file for one of its members."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.errors import TooMany
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import services
from chat_svc.errors import ChatExportNotFound, ChatExportPending, ChatNotFound
from chat_svc.selectors.exporting import ChatExportJson, chat_export_file, chat_export_json, chat_exports

ZIP = "application/zip"


class NewChatExport(serializers.Serializer[Any]):
    format = StrictCharField(help_text="`json` or `html`.")


class ChatExportsView(ApiView):
    @operation("List my exports of a chat", {200: Items[ChatExportJson]}, refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        exports = chat_exports(chat_id=chat_id, user_id=person_of(request).id)
        return Response({"items": [chat_export_json(export) for export in exports]})

    @operation(
        "Ask for an export of a chat",
        {202: ChatExportJson},
        note="Made in the background: all that I may read there; files by name and size. Kept for seven days.",
        body=NewChatExport,
        refusals=[ChatNotFound, ChatExportPending, TooMany],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        form = parse(NewChatExport, request.data)["format"]
        export = services.ask_for_chat_export(chat_id=chat_id, user_id=person_of(request).id, form=form)
        return Response(chat_export_json(export), status=202)


class ChatExportFileView(ApiView):
    @operation("Fetch an export of a chat", {200: ZIP}, refusals=[ChatNotFound, ChatExportNotFound])
    def get(self, request: Request, chat_id: UUID, export_id: UUID) -> HttpResponse:
        export = chat_export_file(chat_id=chat_id, user_id=person_of(request).id, export_id=export_id)
        name = f"abdre-chat-{export.asked_at:%Y-%m-%d}.zip"
        headers = {**UNCACHED, "Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(bytes(export.archive or b""), content_type=ZIP, headers=headers)
