"""What I have begun to write."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import operation
from abdre.views import ApiView
from chat_svc import services
from chat_svc.api.queries import LARGEST
from chat_svc.errors import ChatNotFound, ChatOver
from chat_svc.events import DraftJson


class NewDraft(serializers.Serializer[Any]):
    body = StrictCharField(help_text="1 to 8,000 characters after trimming, kept as typed; no NUL.")
    reply_to = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)


class DraftView(ApiView):
    @operation(
        "Keep a draft",
        {200: DraftJson},
        note="One for each chat; the last one kept counts. One's own devices hear of it, nobody else does.",
        body=NewDraft,
        refusals=[ChatNotFound, ChatOver, Invalid],
    )
    def put(self, request: Request, chat_id: UUID) -> Response:
        data = parse(NewDraft, request.data)
        return Response(services.save_draft(chat_id=chat_id, user_id=person_of(request).id, **data))

    @operation("Drop a draft", {204: None}, note="Also where there is none.", refusals=[ChatNotFound])
    def delete(self, request: Request, chat_id: UUID) -> Response:
        services.drop_draft(chat_id=chat_id, user_id=person_of(request).id)
        return Response(status=204)
