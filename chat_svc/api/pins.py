"""Pinned messages."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, ChatOver, MessageDeleted, MessageNotFound, NotAllowed, Silenced, TooManyPins
from chat_svc.events import MessageJson
from user_svc.errors import MayNotWrite

PINNING = (ChatNotFound, ChatOver, MessageNotFound, NotAllowed, MessageDeleted)


class PinsView(ApiView):
    @operation("List pinned messages", {200: Items[MessageJson]}, note="The last one first.", refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.pinned_messages(chat_id=chat_id, user_id=person_of(request).id)})


class PinView(ApiView):
    @operation(
        "Pin a message",
        {200: MessageJson},
        note="At most 50 in a chat.",
        refusals=[*PINNING, TooManyPins, Silenced, MayNotWrite],
    )
    def put(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.pin(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, on=True))

    @operation("Take a pin off", {200: MessageJson}, refusals=PINNING)
    def delete(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.pin(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, on=False))
