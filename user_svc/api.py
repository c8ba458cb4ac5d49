"""/api/users/: profiles, search, presence."""

from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.errors import Forbidden, Invalid, TooMany
from abdre.limits import limit
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from abdre.wire import Items
from user_svc import selectors, services
from user_svc.errors import UserNotFound
from user_svc.selectors import MeJson, PresenceJson, UserJson

PRESENCE_LIMIT = 100
QUERY_MIN_LENGTH = 3


class Profile(serializers.Serializer[object]):
    display_name = StrictCharField(help_text="1 to 60 characters.")


WANTED = Parameter(
    "q",
    "The beginning of a user name, or a part of a displayed one. At most 20 people are found.",
    {"type": "string", "minLength": QUERY_MIN_LENGTH},
    required=True,
)
IDS = Parameter("ids", "Ids of people, separated by commas; at most 100.", {"type": "string"})


class MeView(ApiView):
    @operation("Look at my profile", {200: MeJson})
    def get(self, request: Request) -> Response:
        return Response(selectors.me_json(selectors.user_by_id(person_of(request).id)))

    @operation("Change my name", {200: MeJson}, body=Profile)
    def patch(self, request: Request) -> Response:
        changes = parse(Profile, request.data)
        return Response(selectors.me_json(services.rename(user_id=person_of(request).id, **changes)))


class UserView(ApiView):
    @operation(
        "Look at a person",
        {200: UserJson},
        note="Members see all members, everybody those with whom they share a chat.",
        refusals=[UserNotFound],
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        user = selectors.visible_user(user_id=user_id, asked_by=person_of(request).id)
        return Response(selectors.user_json(user))


class SearchView(ApiView):
    @operation(
        "Search for people",
        {200: Items[UserJson]},
        note="For members; finds members, and never by their e-mail.",
        parameters=[WANTED],
        refusals=[Forbidden, Invalid, TooMany],
    )
    def get(self, request: Request) -> Response:
        if selectors.user_by_id(person_of(request).id).is_guest:
            raise Forbidden("Only members can look for people.")
        query = request.query_params.get("q", "").strip()
        if len(query) < QUERY_MIN_LENGTH or "\0" in query:
            raise Invalid(fields={"q": [_("At least 3 characters.")]})
        limit("user-search", str(person_of(request).id), limit=30, window_s=60)
        return Response({"items": [selectors.user_json(user) for user in selectors.search(query)]})


class PresenceView(ApiView):
    @operation(
        "See who is there",
        {200: dict[str, PresenceJson]},
        note="By id. People with whom I share no chat are left out, like unknown ones.",
        parameters=[IDS],
        refusals=[Invalid],
    )
    def get(self, request: Request) -> Response:
        user_ids = _ids(request.query_params.get("ids", ""))
        return Response(selectors.presence_of(user_ids=user_ids, asked_by=person_of(request).id))


def _ids(text: str) -> list[UUID]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > PRESENCE_LIMIT:
        raise Invalid(fields={"ids": [_("At most 100.")]})
    try:
        return [UUID(part) for part in parts]
    except ValueError as problem:
        raise Invalid(fields={"ids": [_("Ids of people, separated by commas.")]}) from problem
