"""Oneself: profile, picture, privacy, preferences."""

from typing import Any, cast

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import PictureParser, StrictBooleanField, StrictCharField, parse, person_of
from abdre.limits import limit
from abdre.operations import operation
from abdre.pictures import NoPicture
from abdre.views import ApiView
from user_svc import selectors, services
from user_svc.events import profile_of
from user_svc.models import Accent, TextSize, Theme, Writers
from user_svc.selectors import MeJson, PrivacyJson, UserPreferencesJson
from user_svc.services import PreferenceFacts, PrivacyFacts, ProfileFacts

# Each of them is told in all chats of the person.
CHANGES = {"limit": 60, "window_s": 3600}
UPLOADS = {"limit": 20, "window_s": 3600}


class StatusShape(serializers.Serializer[Any]):
    emoji = StrictCharField(required=False, allow_blank=True, default="", help_text="One, or none.")
    text = StrictCharField(required=False, allow_blank=True, default="", help_text="At most 100 characters.")
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="When it ends by itself; null: not."
    )


class ProfileChange(serializers.Serializer[Any]):
    display_name = StrictCharField(required=False, help_text="1 to 60 characters.")
    status = StatusShape(required=False, allow_null=True, help_text="`null` takes it back.")
    about = StrictCharField(required=False, allow_blank=True, help_text="At most 500 characters.")


class PrivacyChange(serializers.Serializer[Any]):
    shows_presence = StrictBooleanField(required=False, help_text="Whether I am there, and when I was last.")
    shows_receipts = StrictBooleanField(
        required=False, help_text="How far I have read. Who does not show it does not see it of others."
    )
    shows_local_time = StrictBooleanField(required=False, help_text="My time zone.")
    is_findable = StrictBooleanField(required=False, help_text="By the search for people.")
    who_may_write = serializers.ChoiceField(
        Writers.choices, required=False, help_text="Who may begin a direct chat with me; what has begun goes on."
    )


class PreferencesChange(serializers.Serializer[Any]):
    language = StrictCharField(required=False, allow_blank=True, help_text="As `en`; empty: as the browser asks.")
    time_zone = StrictCharField(
        required=False, allow_blank=True, help_text="As `Asia/Almaty`; empty: as the browser says."
    )
    theme = serializers.ChoiceField(Theme.choices, required=False)
    accent = serializers.ChoiceField(Accent.choices, required=False)
    text_size = serializers.ChoiceField(TextSize.choices, required=False)
    enter_sends = StrictBooleanField(required=False)
    sounds = StrictBooleanField(required=False)
    hides_text = StrictBooleanField(required=False, help_text="Pushed messages say neither who nor what.")
    quiet_from = serializers.TimeField(
        required=False, allow_null=True, help_text="As `22:00`, with `quiet_until`; null for none. Nothing is pushed."
    )
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    digest = StrictBooleanField(required=False, help_text="Letters about mentions that were not read.")


class MeView(ApiView):
    @operation("Look at my profile", {200: MeJson})
    def get(self, request: Request) -> Response:
        return Response(selectors.me_json(selectors.user_by_id(person_of(request).id)))

    @operation("Change my profile", {200: MeJson}, body=ProfileChange)
    def patch(self, request: Request) -> Response:
        facts = cast(ProfileFacts, parse(ProfileChange, request.data))
        limit("profile", str(person_of(request).id), **CHANGES)
        return Response(selectors.me_json(services.change_profile(user_id=person_of(request).id, facts=facts)))


class MyPictureView(ApiView):
    parser_classes = [PictureParser]

    @operation(
        "Set my picture",
        {200: MeJson},
        note="The bytes of an image of up to 5 MB and 50 megapixels. It is cropped to its middle, and drawn anew.",
        body="image/*",
        refusals=[NoPicture],
    )
    def put(self, request: Request) -> Response:
        limit("picture", str(person_of(request).id), **UPLOADS)
        sent: Any = request.data
        content = sent if isinstance(sent, bytes) else b""  # nothing was sent
        return Response(selectors.me_json(services.set_picture(user_id=person_of(request).id, content=content)))

    @operation("Remove my picture", {200: MeJson})
    def delete(self, request: Request) -> Response:
        limit("picture", str(person_of(request).id), **UPLOADS)
        return Response(selectors.me_json(services.remove_picture(user_id=person_of(request).id)))


class PrivacyView(ApiView):
    @operation("Look at my privacy", {200: PrivacyJson})
    def get(self, request: Request) -> Response:
        return Response(selectors.privacy_json(profile_of(selectors.user_by_id(person_of(request).id))))

    @operation("Change my privacy", {200: PrivacyJson}, body=PrivacyChange)
    def patch(self, request: Request) -> Response:
        limit("profile", str(person_of(request).id), **CHANGES)  # a change is told to all who share a chat
        facts = cast(PrivacyFacts, parse(PrivacyChange, request.data))
        changed = services.change_privacy(user_id=person_of(request).id, facts=facts)
        return Response(selectors.privacy_json(changed))


class PreferencesView(ApiView):
    @operation("Look at my preferences", {200: UserPreferencesJson})
    def get(self, request: Request) -> Response:
        user = selectors.user_by_id(person_of(request).id)
        return Response(selectors.preferences_json(selectors.preferences_of(user)))

    @operation(
        "Change my preferences",
        {200: UserPreferencesJson},
        note=f"Languages: {', '.join(code for code, _name in settings.LANGUAGES)}.",
        body=PreferencesChange,
    )
    def patch(self, request: Request) -> Response:
        facts = cast(PreferenceFacts, parse(PreferencesChange, request.data))
        changed = services.change_preferences(user_id=person_of(request).id, facts=facts)
        return Response(selectors.preferences_json(changed))
