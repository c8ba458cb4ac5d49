"""Files in chats: sent up part by part, listed, handed out."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.limits import limit
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.api.queries import LARGEST, LIMIT, PAGE_LIMIT, choice, number, optional_number
from chat_svc.api.streams import served_file
from chat_svc.errors import (
    AttachmentNotFound,
    BrokenImage,
    ChatNotFound,
    ChatOver,
    FilesRefused,
    FileTooLarge,
    ImageTooLarge,
    KindRefused,
    NoRoom,
    RangeRefused,
    TooManyFiles,
    WrongOffset,
)
from chat_svc.selectors import VARIANTS, FilePage
from chat_svc.services import Upload

BYTES = "application/octet-stream"
OFFSET = "Upload-Offset"
LENGTH = "Upload-Length"
KINDS = ("", "image", "audio", "file")


class NewUpload(serializers.Serializer[Any]):
    name = StrictCharField(help_text="1 to 255 characters; a path before it is cut off.")
    size = StrictIntegerField(min_value=1, max_value=LARGEST, help_text="In bytes.")
    duration_ms = StrictIntegerField(
        required=False, allow_null=True, min_value=1, max_value=LARGEST, help_text="Of a voice note, up to an hour."
    )


class BytesParser(BaseParser):
    """The one body that is not JSON. The door has bounded it before it comes here."""

    media_type = BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return bytes(stream.read())


class AttachmentsView(ApiView):
    @operation(
        "List files",
        {200: FilePage},
        note="Those that stand in messages, the newest first.",
        parameters=[
            Parameter("before", "The `next` of the page before.", {"type": "string"}),
            Parameter("kind", "Only these; all if left out.", {"type": "string", "enum": [*KINDS]}),
            LIMIT,
        ],
        refusals=[ChatNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        page = selectors.files_of(
            chat_id=chat_id,
            user_id=person_of(request).id,
            before=query.get("before", ""),
            kind=choice(query, "kind", KINDS),
            limit=number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT),
        )
        return Response(page)

    @operation(
        "Begin to send a file",
        {201: Upload},
        note="Its bytes follow in parts; then a message names its `id`. What is in no message after a day is erased.",
        body=NewUpload,
        refusals=[ChatNotFound, ChatOver, FilesRefused, FileTooLarge, TooManyFiles, NoRoom],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        begun = services.begin_upload(chat_id=chat_id, user_id=person_of(request).id, **parse(NewUpload, request.data))
        return Response(begun, status=201)


class AttachmentView(ApiView):
    parser_classes = (BytesParser,)
    # Fifty parts of one file are one deed; they have a limit of their own.
    counts_as_deed = False

    @operation("Look at an upload", {200: Upload}, refusals=[ChatNotFound, AttachmentNotFound])
    def get(self, request: Request, chat_id: UUID, attachment_id: UUID) -> Response:
        return Response(services.upload_of(chat_id=chat_id, user_id=person_of(request).id, attachment_id=attachment_id))

    @operation(
        "Send a part of a file",
        {200: Upload},
        note="`chunk_bytes` of it, of the last part what is left. With that one the file is looked into: what it is, "
        "its bytes say; images are made anew, without what else stood in them. After a broken connection: ask how far "
        "it has come, and go on from there. Should the end not be answered, an empty part there asks for it again.",
        body=BYTES,
        parameters=[
            Parameter(OFFSET, "What the server has.", {"type": "integer", "minimum": 0}, required=True, where="header"),
            Parameter(
                LENGTH,
                "Of the whole file, with its last part, from who had to begin before they knew it: then the `size` "
                "named at the beginning was the most that it could be.",
                {"type": "integer", "minimum": 1},
                where="header",
            ),
        ],
        refusals=[
            ChatNotFound,
            ChatOver,
            AttachmentNotFound,
            WrongOffset,
            NoRoom,
            KindRefused,
            BrokenImage,
            ImageTooLarge,
        ],
    )
    def patch(self, request: Request, chat_id: UUID, attachment_id: UUID) -> Response:
        user_id = person_of(request).id
        limit("parts", str(user_id), limit=settings.PARTS_PER_MINUTE, window_s=60)
        data: Any = request.data  # where no bytes came, none were parsed
        received = services.receive_part(
            chat_id=chat_id,
            user_id=user_id,
            attachment_id=attachment_id,
            offset=number(request.headers, OFFSET, default=-1, lowest=0),
            data=data if isinstance(data, bytes) else b"",
            length=optional_number(request.headers, LENGTH),
        )
        return Response(received)

    @operation(
        "Drop an upload",
        {204: None},
        note="What stands in a message goes with the message.",
        refusals=[ChatNotFound, AttachmentNotFound],
    )
    def delete(self, request: Request, chat_id: UUID, attachment_id: UUID) -> Response:
        user_id = person_of(request).id
        limit("parts", str(user_id), limit=settings.PARTS_PER_MINUTE, window_s=60)
        services.drop_upload(chat_id=chat_id, user_id=user_id, attachment_id=attachment_id)
        return Response(status=204)


VARIANT = Parameter(
    "variant",
    "`file`: as it is. `large` (up to 1,200 pixels) and `thumb` (up to 400), of an image; else the file.",
    {"type": "string", "enum": [*VARIANTS], "default": "file"},
)


class ContentView(ApiView):
    @operation(
        "Get a file",
        {302: None},
        note="On to an address that is signed for this person: for five minutes, while they are in the chat.",
        parameters=[VARIANT],
        refusals=[ChatNotFound, AttachmentNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID, attachment_id: UUID) -> HttpResponseBase:
        token = selectors.signed_for(
            chat_id=chat_id,
            user_id=person_of(request).id,
            attachment_id=attachment_id,
            variant=choice(request.query_params, "variant", VARIANTS),
        )
        return HttpResponseRedirect(
            f"/api/chats/{chat_id}/attachments/{attachment_id}/file?{urlencode({'token': token})}", headers=UNCACHED
        )


class FileView(ApiView):
    # The signed token names the person, who is asked for again at every look.
    permission_classes = (AllowAny,)

    @operation(
        "Get a file by its signed address",
        {200: BYTES, 206: BYTES},
        note="Images and sounds may be shown, all else is to be saved. Nothing in it can run. `Range` is obeyed.",
        parameters=[Parameter("token", "As Get a file gave it.", {"type": "string"}, required=True)],
        refusals=[AttachmentNotFound, RangeRefused],
    )
    def get(self, request: Request, chat_id: UUID, attachment_id: UUID) -> HttpResponseBase:
        served = selectors.served(
            request.query_params.get("token", ""),
            chat_id=chat_id,
            attachment_id=attachment_id,
            asker_id=person_of(request).id if request.user else None,
        )
        return served_file(served, request.headers.get("Range", ""))
