"""How far somebody has read a chat, and what of it they keep before their eyes."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictIntegerField, parse, person_of
from abdre.operations import operation
from abdre.views import ApiView
from chat_svc import services
from chat_svc.api.queries import LARGEST
from chat_svc.errors import ChatNotFound, MessageNotFound


class ReadMark(serializers.Serializer[object]):
    seq = StrictIntegerField(min_value=0, max_value=LARGEST)


class UnreadMark(serializers.Serializer[object]):
    seq = StrictIntegerField(min_value=1, max_value=LARGEST)


class ReadView(ApiView):
    @operation(
        "Mark as read",
        {204: None},
        note="Up to this `seq`; such a mark never goes back, nor past the last message.",
        body=ReadMark,
        refusals=[ChatNotFound],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        services.mark_read(chat_id=chat_id, user_id=person_of(request).id, seq=parse(ReadMark, request.data)["seq"])
        return Response(status=204)


class UnreadView(ApiView):
    @operation(
        "Mark as unread",
        {204: None},
        note="From this `seq` on, for oneself; others are not told.",
        body=UnreadMark,
        refusals=[ChatNotFound, MessageNotFound],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        services.mark_unread(chat_id=chat_id, user_id=person_of(request).id, seq=parse(UnreadMark, request.data)["seq"])
        return Response(status=204)


class ClearView(ApiView):
    @operation(
        "Clear a chat for oneself",
        {204: None},
        note="What was said up to now is not listed any more; the others keep it.",
        refusals=[ChatNotFound],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        services.clear_chat(chat_id=chat_id, user_id=person_of(request).id)
        return Response(status=204)
