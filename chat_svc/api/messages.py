"""Messages: read, written, changed; what changed."""

import datetime as dt
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.api.held import FILTERED, HELD_NOTE, said
from chat_svc.api.queries import LARGEST, LIMIT, PAGE_LIMIT, SEQ, number, optional_number
from chat_svc.errors import (
    AnnouncementsOnly,
    ChatNotFound,
    ChatOver,
    EditWouldBeHeld,
    FilesRefused,
    LinksRefused,
    MessageDeleted,
    MessageForwarded,
    MessageNotFound,
    NotAllowed,
    NotYourMessage,
    Silenced,
    SlowMode,
    WordsRefused,
)
from chat_svc.events import HeldJson, MembershipJson, MessageJson, SummaryJson
from chat_svc.models import PER_MESSAGE
from chat_svc.selectors.messages import MessagePage
from user_svc.errors import MayNotWrite

BODY_NOTE = "1 to 8,000 characters after trimming, kept as typed; no NUL."


class NewMessage(serializers.Serializer[Any]):
    client_id = serializers.UUIDField(help_text="Made by the client, once a message; a retry carries the same one.")
    body = StrictCharField(allow_blank=True, help_text=BODY_NOTE)
    reply_to = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)
    thread = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST,
        help_text="The message that this one hangs on; not one that is in a thread itself.",
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=PER_MESSAGE,
        help_text="Files of one's own that have come up to this chat whole; then the body may be empty.",
    )


class MessageChange(serializers.Serializer[Any]):
    body = StrictCharField(allow_blank=True, help_text=BODY_NOTE)


class ChangesJson(TypedDict):
    """Rows in their present state, each with the version of its last change. `reset`: begin the chat anew instead."""

    chat: NotRequired[SummaryJson]
    memberships: list[MembershipJson]
    items: list[MessageJson]
    version: int
    reset: NotRequired[bool]


class MessagesView(ApiView):
    @operation(
        "List messages",
        {200: MessagePage},
        note="Ascending by `seq`: those around `around`, just after `after`, just before `before`, else the newest; "
        "with what happened to memberships in between.",
        parameters=[
            Parameter("before", "A message's `seq`.", SEQ),
            Parameter("after", "A message's `seq`. It wins over `before`.", SEQ),
            Parameter("around", "A message's `seq`. It wins over both.", SEQ),
            LIMIT,
        ],
        refusals=[ChatNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        page = selectors.messages(
            chat_id=chat_id,
            user_id=person_of(request).id,
            before=optional_number(query, "before"),
            after=optional_number(query, "after"),
            around=optional_number(query, "around"),
            limit=number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT),
        )
        return Response(page)

    @operation(
        "Send a message",
        {201: MessageJson, 200: MessageJson, 202: HeldJson},
        note="201 once it is stored for good; 200 and the stored message for a `client_id` that the chat has already."
        + HELD_NOTE,
        body=NewMessage,
        refusals=[
            ChatNotFound,
            ChatOver,
            AnnouncementsOnly,
            Silenced,
            SlowMode,
            LinksRefused,
            FilesRefused,
            MayNotWrite,
            *FILTERED,
        ],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        sender_id = person_of(request).id
        return said(services.send_message(chat_id=chat_id, sender_id=sender_id, **parse(NewMessage, request.data)))


class SeqJson(TypedDict):
    seq: int


class MessageAtView(ApiView):
    @operation(
        "Find where a day begins",
        {200: SeqJson},
        note="The first message of that day or later, in UTC, else the newest.",
        parameters=[Parameter("date", "", {"type": "string", "format": "date"}, required=True)],
        refusals=[ChatNotFound, MessageNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        try:
            day = dt.date.fromisoformat(request.query_params.get("date", ""))
        except ValueError as problem:
            raise Invalid(fields={"date": [_("A day, as 2026-11-26.")]}) from problem
        seq = selectors.first_of_day(chat_id=chat_id, user_id=person_of(request).id, day=day)
        return Response({"seq": seq})


class MessageView(ApiView):
    @operation(
        "Edit a message",
        {200: MessageJson},
        body=MessageChange,
        refusals=[
            ChatNotFound,
            ChatOver,
            MessageNotFound,
            NotAllowed,
            NotYourMessage,
            AnnouncementsOnly,
            Silenced,
            MessageDeleted,
            MessageForwarded,
            LinksRefused,
            MayNotWrite,
            WordsRefused,
            EditWouldBeHeld,
        ],
    )
    def patch(self, request: Request, chat_id: UUID, seq: int) -> Response:
        body = parse(MessageChange, request.data)["body"]
        return Response(services.edit_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, body=body))

    @operation(
        "Delete a message",
        {200: MessageJson},
        note="For everyone; one's own, or anybody's in a chat that one manages.",
        refusals=[ChatNotFound, ChatOver, MessageNotFound, NotAllowed, NotYourMessage],
    )
    def delete(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.delete_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq))


class ChangesView(ApiView):
    @operation(
        "List what changed",
        {200: ChangesJson},
        note="`version` is the next `since`: the last item's where the limit cut, else the chat's.",
        parameters=[
            Parameter("since", "The version up to which all is known.", {**SEQ, "default": 0}),
            Parameter(
                "limit",
                "",
                {"type": "integer", "minimum": 1, "maximum": selectors.CHAT_LIMIT, "default": selectors.CHAT_LIMIT},
            ),
        ],
        refusals=[ChatNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        since = number(query, "since", default=0, lowest=0)
        limit = number(query, "limit", default=selectors.CHAT_LIMIT, lowest=1, highest=selectors.CHAT_LIMIT)
        return Response(
            _changes_json(selectors.changes(chat_id=chat_id, user_id=person_of(request).id, since=since, limit=limit))
        )


def _changes_json(changes: selectors.Changes) -> ChangesJson:
    answer: ChangesJson = {"memberships": [], "items": [], "version": changes.version}
    for event in changes.items:
        if "message" in event:
            answer["items"].append(event["message"])
        elif "membership" in event:
            answer["memberships"].append(event["membership"])
        else:
            answer["chat"] = event["summary"]
    if changes.reset:
        answer["reset"] = True
    return answer
