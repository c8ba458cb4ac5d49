"""Of what I want to be reminded."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import parse, person_of
from abdre.errors import Invalid
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, MessageDeleted, MessageNotFound, ReminderNotFound, TooManyReminders
from chat_svc.events import ReminderJson
from chat_svc.selectors.reminders import ReminderItem


class NewReminder(serializers.Serializer[Any]):
    at = serializers.DateTimeField(help_text="A moment within the next year.")


class RemindersView(ApiView):
    @operation(
        "List reminders",
        {200: Items[ReminderItem]},
        note="The next one first. One that was told stays for thirty days, or until it is taken off.",
    )
    def get(self, request: Request) -> Response:
        return Response({"items": selectors.reminders(user_id=person_of(request).id)})


class ReminderView(ApiView):
    @operation("Take a reminder off", {204: None}, refusals=[ReminderNotFound])
    def delete(self, request: Request, reminder_id: UUID) -> Response:
        services.drop_reminder(reminder_id=reminder_id, user_id=person_of(request).id)
        return Response(status=204)


class RemindView(ApiView):
    @operation(
        "Be reminded of a message",
        {201: ReminderJson},
        note="At that moment one's own devices hear `reminder.due`. One for each message: another moment takes the "
        "place of the first. A hundred at most wait.",
        body=NewReminder,
        refusals=[ChatNotFound, MessageNotFound, MessageDeleted, TooManyReminders, Invalid],
    )
    def post(self, request: Request, chat_id: UUID, seq: int) -> Response:
        at = parse(NewReminder, request.data)["at"]
        made = services.remind(chat_id=chat_id, user_id=person_of(request).id, seq=seq, at=at)
        return Response(made, status=201)
