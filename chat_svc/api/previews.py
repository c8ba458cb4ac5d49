"""The card below a message that leads somewhere."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.operations import operation
from abdre.views import ApiView
from chat_svc import services
from chat_svc.errors import ChatNotFound, ChatOver, MessageDeleted, MessageNotFound, NotAllowed, NotYourMessage
from chat_svc.events import MessageJson


class LinkPreviewView(ApiView):
    @operation(
        "Remove a link preview",
        {200: MessageJson},
        note="By who said it, or who manages the chat. None comes again for the same link, edited or not.",
        refusals=[ChatNotFound, ChatOver, MessageNotFound, NotAllowed, NotYourMessage, MessageDeleted],
    )
    def delete(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.remove_preview(chat_id=chat_id, actor_id=person_of(request).id, seq=seq))
