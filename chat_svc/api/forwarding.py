"""A message is said again in another chat."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import parse, person_of
from abdre.operations import operation
from abdre.views import ApiView
from chat_svc import services
from chat_svc.api.held import FILTERED, HELD_NOTE, said
from chat_svc.errors import (
    AnnouncementsOnly,
    AttachmentNotFound,
    ChatNotFound,
    ChatOver,
    FilesRefused,
    FileTooLarge,
    LinksRefused,
    MessageDeleted,
    MessageNotFound,
    NoRoom,
    NotAllowed,
    Silenced,
    SlowMode,
    TooManyFiles,
)
from chat_svc.events import HeldJson, MessageJson
from user_svc.errors import MayNotWrite


class Forward(serializers.Serializer[Any]):
    to = serializers.UUIDField(help_text="Another chat of one's own, or the same.")
    client_id = serializers.UUIDField(help_text="As of a new message: a retry carries the same one.")


class ForwardView(ApiView):
    @operation(
        "Forward a message",
        {201: MessageJson, 200: MessageJson, 202: HeldJson},
        note="Its text and copies of its files, as a message of one's own in the chat `to`, whose rules hold. It says "
        "by name who said it first, and calls nobody. 200 and the stored message for a `client_id` that `to` "
        "has already." + HELD_NOTE,
        body=Forward,
        refusals=[
            ChatNotFound,
            ChatOver,
            MessageNotFound,
            MessageDeleted,
            NotAllowed,
            AnnouncementsOnly,
            Silenced,
            SlowMode,
            LinksRefused,
            FilesRefused,
            FileTooLarge,
            MayNotWrite,
            TooManyFiles,
            NoRoom,
            AttachmentNotFound,
            *FILTERED,
        ],
    )
    def post(self, request: Request, chat_id: UUID, seq: int) -> Response:
        asked = parse(Forward, request.data)
        return said(services.forward_message(chat_id=chat_id, seq=seq, user_id=person_of(request).id, **asked))
