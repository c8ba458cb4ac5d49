"""The picture of a chat."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from abdre import pictures
from abdre.api import PictureParser, person_of
from abdre.limits import limit
from abdre.operations import Parameter, operation
from abdre.pictures import NoPicture, PictureNotFound
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.api.queries import MANAGING
from chat_svc.errors import ChatNotFound, Silenced
from chat_svc.selectors.chats import ChatItem
from chat_svc.services.pictures import folder_of

# Each of them is told in the chat.
UPLOADS = {"limit": 20, "window_s": 3600}
CONTENT = Parameter("v", "The chat's `picture`.", {"type": "string"}, required=True)
SIZE = Parameter("size", "Its edge in pixels.", {"type": "integer", "enum": [*pictures.SIZES], "default": 256})


class ChatPictureView(ApiView):
    parser_classes = [PictureParser]

    @operation(
        "Look at the picture of a chat",
        {200: pictures.MEDIA_TYPE},
        note="Of a public chat also before coming in. Its address names its content, so it may be kept for good.",
        parameters=[CONTENT, SIZE],
        refusals=[ChatNotFound, PictureNotFound],
    )
    def get(self, request: Request, chat_id: UUID) -> HttpResponse:
        picture = selectors.picture_of(chat_id=chat_id, user_id=person_of(request).id)
        wanted, size = request.query_params.get("v"), request.query_params.get("size", "256")
        if not picture or wanted != picture or not size.isdecimal():
            raise PictureNotFound
        content = pictures.kept(folder_of(chat_id), picture, int(size[:5]))
        return HttpResponse(content, content_type=pictures.MEDIA_TYPE, headers=dict(pictures.HEADERS))

    @operation(
        "Set the picture of a chat",
        {200: ChatItem},
        note="The bytes of an image of up to 5 MB and 50 megapixels. It is cropped to its middle, and drawn anew.",
        body="image/*",
        refusals=[*MANAGING, Silenced, NoPicture],
    )
    def put(self, request: Request, chat_id: UUID) -> Response:
        user_id = person_of(request).id
        limit("chat-picture", str(user_id), **UPLOADS)
        sent: Any = request.data
        content = sent if isinstance(sent, bytes) else b""  # nothing was sent
        services.set_chat_picture(chat_id=chat_id, actor_id=user_id, content=content)
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=user_id))

    @operation("Remove the picture of a chat", {200: ChatItem}, refusals=[*MANAGING, Silenced])
    def delete(self, request: Request, chat_id: UUID) -> Response:
        user_id = person_of(request).id
        limit("chat-picture", str(user_id), **UPLOADS)
        services.remove_chat_picture(chat_id=chat_id, actor_id=user_id)
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=user_id))
