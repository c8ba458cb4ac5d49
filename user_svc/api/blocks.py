"""Whom one blocks."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from user_svc import selectors, services
from user_svc.errors import InvalidProfile, UserNotFound
from user_svc.selectors import UserJson


class BlocksView(ApiView):
    @operation("List whom I have blocked", {200: Items[UserJson]}, note="The last one first.")
    def get(self, request: Request) -> Response:
        blocked = selectors.blocked_by(person_of(request).id)
        return Response({"items": [selectors.user_json(user) for user in blocked]})


class BlockView(ApiView):
    @operation(
        "Block a person",
        {204: None},
        note="It works both ways: no direct chat, none takes the other into a group, no presence, not found by the "
        "search. They are not told.",
        refusals=[UserNotFound, InvalidProfile],
    )
    def put(self, request: Request, user_id: UUID) -> Response:
        services.block(user_id=person_of(request).id, other_id=user_id)
        return Response(status=204)

    @operation("Unblock a person", {204: None}, refusals=[UserNotFound])
    def delete(self, request: Request, user_id: UUID) -> Response:
        services.unblock(user_id=person_of(request).id, other_id=user_id)
        return Response(status=204)
