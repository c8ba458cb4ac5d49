"""Other people: profiles, pictures, search, presence."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from abdre import pictures
from abdre.api import person_of
from abdre.errors import Forbidden, Invalid, TooMany
from abdre.limits import limit
from abdre.operations import Parameter, operation
from abdre.pictures import PictureNotFound
from abdre.views import ApiView
from abdre.wire import Items
from user_svc import selectors
from user_svc.errors import UserNotFound
from user_svc.selectors import PresenceJson, ProfileJson, UserJson
from user_svc.services import folder_of

PRESENCE_LIMIT = 100
QUERY_MIN_LENGTH = 3

WANTED = Parameter(
    "q",
    "The beginning of a user name, or a part of a displayed one. At most 20 people are found.",
    {"type": "string", "minLength": QUERY_MIN_LENGTH},
    required=True,
)
IDS = Parameter("ids", "Ids of people, separated by commas; at most 100.", {"type": "string"})
CONTENT = Parameter("v", "The person's `picture`.", {"type": "string"}, required=True)
SIZE = Parameter("size", "Its edge in pixels.", {"type": "integer", "enum": [*pictures.SIZES], "default": 256})
VISIBLE = "Members see all members, everybody those with whom they share a chat."


class UserView(ApiView):
    @operation("Look at a person", {200: ProfileJson}, note=VISIBLE, refusals=[UserNotFound])
    def get(self, request: Request, user_id: UUID) -> Response:
        return Response(selectors.profile_json(user_id=user_id, asked_by=person_of(request).id))


class PictureView(ApiView):
    @operation(
        "Look at a persons picture",
        {200: pictures.MEDIA_TYPE},
        note=f"{VISIBLE} Its address names its content, so it may be kept for good.",
        parameters=[CONTENT, SIZE],
        refusals=[UserNotFound, PictureNotFound],
    )
    def get(self, request: Request, user_id: UUID) -> HttpResponse:
        user = selectors.visible_user(user_id=user_id, asked_by=person_of(request).id)
        wanted, size = request.query_params.get("v"), request.query_params.get("size", "256")
        if not user.picture or wanted != user.picture or not size.isdecimal():
            raise PictureNotFound
        content = pictures.kept(folder_of(user_id), user.picture, int(size[:5]))
        return HttpResponse(content, content_type=pictures.MEDIA_TYPE, headers=dict(pictures.HEADERS))


class SearchView(ApiView):
    @operation(
        "Search for people",
        {200: Items[UserJson]},
        note="For members; finds members who want to be found, and never by their e-mail.",
        parameters=[WANTED],
        refusals=[Forbidden, Invalid, TooMany],
    )
    def get(self, request: Request) -> Response:
        person = person_of(request)
        if selectors.user_by_id(person.id).is_guest:
            raise Forbidden("Only members can look for people.")
        query = request.query_params.get("q", "").strip()
        if len(query) < QUERY_MIN_LENGTH or "\0" in query:
            raise Invalid(fields={"q": [_("At least 3 characters.")]})
        limit("user-search", str(person.id), limit=30, window_s=60)
        found = selectors.search(query, asked_by=person.id)
        return Response({"items": [selectors.user_json(user) for user in found]})


class PresenceView(ApiView):
    @operation(
        "See who is there",
        {200: dict[str, PresenceJson]},
        note="By id. People with whom I share no chat, or who do not show it, are left out, like unknown ones.",
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
