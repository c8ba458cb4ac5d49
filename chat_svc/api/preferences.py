"""What I want of a chat, and nobody else hears of."""

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictBooleanField, StrictCharField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import operation
from abdre.views import ApiView
from chat_svc import services
from chat_svc.errors import ChatNotFound, TooManyPinned
from chat_svc.events import PreferencesJson, preferences_json
from chat_svc.services import PreferenceFacts


class PreferenceChange(serializers.Serializer[Any]):
    notify = StrictCharField(required=False, help_text="`all`, `mentions` or `nothing`.")
    muted_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="For good: 9999-12-31T00:00:00Z. Null: not muted."
    )
    archived = StrictBooleanField(
        required=False, help_text="Out of the way until the next message; a muted chat until it is taken back."
    )
    pinned = StrictBooleanField(required=False, help_text="On top of the list; ten chats at most.")
    favourite = StrictBooleanField(required=False)


class MineView(ApiView):
    @operation(
        "Say what I want of a chat",
        {200: PreferencesJson},
        note="One's own devices hear of it, nobody else does.",
        body=PreferenceChange,
        refusals=[ChatNotFound, TooManyPinned, Invalid],
    )
    def patch(self, request: Request, chat_id: UUID) -> Response:
        facts = cast(PreferenceFacts, parse(PreferenceChange, request.data))
        return Response(preferences_json(services.prefer(chat_id=chat_id, user_id=person_of(request).id, facts=facts)))
