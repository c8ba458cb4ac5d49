"""What I have written to be sent later."""

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.api.held import FILTERED
from chat_svc.api.queries import LARGEST
from chat_svc.errors import (
    AnnouncementsOnly,
    BeingSent,
    ChatNotFound,
    ChatOver,
    LinksRefused,
    NotAllowed,
    ScheduledNotFound,
    Silenced,
    SlowMode,
    TooManyScheduled,
)
from chat_svc.events import HeldJson, MessageJson, ScheduledJson
from chat_svc.services import ScheduledFacts
from user_svc.errors import MayNotWrite

BODY_NOTE = "1 to 8,000 characters after trimming, kept as typed; no NUL."
TIME_NOTE = "From one minute to one year from now."
WRITING = (ChatNotFound, ChatOver, NotAllowed, AnnouncementsOnly, Silenced, LinksRefused, MayNotWrite)
OWN = (ScheduledNotFound, BeingSent)


class NewScheduled(serializers.Serializer[Any]):
    client_id = serializers.UUIDField(help_text="Under which it will be sent; a retry carries the same one.")
    body = StrictCharField(help_text=BODY_NOTE)
    reply_to = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)
    send_at = serializers.DateTimeField(help_text=TIME_NOTE)


class ScheduledChange(serializers.Serializer[Any]):
    body = StrictCharField(required=False, help_text=BODY_NOTE)
    send_at = serializers.DateTimeField(required=False, help_text=TIME_NOTE)


class AllScheduledView(ApiView):
    @operation(
        "List what will be sent", {200: Items[ScheduledJson]}, note="One's own of all chats, the next one first."
    )
    def get(self, request: Request) -> Response:
        return Response({"items": selectors.scheduled_messages(user_id=person_of(request).id)})


class ScheduledView(ApiView):
    @operation(
        "List what will be sent to a chat", {200: Items[ScheduledJson]}, note="One's own.", refusals=[ChatNotFound]
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.scheduled_messages(user_id=person_of(request).id, chat_id=chat_id)})

    @operation(
        "Send later",
        {201: ScheduledJson, 200: ScheduledJson},
        note="At its time it is sent as if it were written then, or refused as it would be: then one's own devices "
        "hear `scheduled.failed`, and `problem` says why. Slow mode is waited for. The same `client_id` in the same "
        "chat answers 200 and what waits already. A hundred at most wait.",
        body=NewScheduled,
        refusals=[*WRITING, TooManyScheduled, Invalid],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        data = parse(NewScheduled, request.data)
        made, is_new = services.schedule_message(chat_id=chat_id, sender_id=person_of(request).id, **data)
        return Response(made, status=201 if is_new else 200)


class OneScheduledView(ApiView):
    @operation(
        "Change what will be sent",
        {200: ScheduledJson},
        note="One that could not be sent gets another chance at its new time.",
        body=ScheduledChange,
        refusals=[*OWN, *WRITING, Invalid],
    )
    def patch(self, request: Request, chat_id: UUID, scheduled_id: UUID) -> Response:
        facts = cast(ScheduledFacts, parse(ScheduledChange, request.data))
        return Response(services.change_scheduled(**_one(request, chat_id, scheduled_id), facts=facts))

    @operation("Cancel what would be sent", {204: None}, refusals=OWN)
    def delete(self, request: Request, chat_id: UUID, scheduled_id: UUID) -> Response:
        services.cancel_scheduled(**_one(request, chat_id, scheduled_id))
        return Response(status=204)


class SendNowView(ApiView):
    @operation(
        "Send now what would be sent later",
        {201: MessageJson, 202: HeldJson},
        note="Where it is refused, it goes on waiting. 202 where it waits for approval instead.",
        refusals=[*OWN, *WRITING, SlowMode, Invalid, *FILTERED],
    )
    def post(self, request: Request, chat_id: UUID, scheduled_id: UUID) -> Response:
        outcome = services.send_scheduled_now(**_one(request, chat_id, scheduled_id))
        if isinstance(outcome, services.Held):
            return Response(outcome.held, status=202)
        return Response(outcome.message, status=201)


def _one(request: Request, chat_id: UUID, scheduled_id: UUID) -> dict[str, UUID]:
    return {"scheduled_id": scheduled_id, "chat_id": chat_id, "user_id": person_of(request).id}
