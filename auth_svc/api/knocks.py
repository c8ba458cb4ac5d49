"""/api/auth/…/knock, /approve, /refuse: who knocks looks how it stands and goes; hosts see who waits and answer."""

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
from auth_svc.api.invitations import OF_CHAT, chat_of
from auth_svc.api.joining import DEAD
from auth_svc.errors.invitations import AlreadyIn, InvitationUnknown, KnockUnknown
from auth_svc.selectors.knocks import KnockJson, knocks_to_answer
from auth_svc.selectors.own_knocks import OwnKnockJson, own_knock
from auth_svc.services.knocks import withdraw
from auth_svc.services.letting_in import approve, refuse
from chat_svc.errors import Banned, ChatFull
from user_svc.errors import MayNotWrite


class WhoKnocks(serializers.Serializer[Any]):
    user = serializers.UUIDField()


class KnockListView(ApiView):
    @operation(
        "List who waits to be let in by me",
        {200: Items[KnockJson]},
        note="Longest first, at most fifty; at my codes, and at all codes of the chats that I manage.",
        parameters=[OF_CHAT],
        refusals=[Invalid],
    )
    def get(self, request: Request) -> Response:
        return Response({"items": knocks_to_answer(user_id=person_of(request).id, chat_id=chat_of(request))})


class OwnKnockView(ApiView):
    @operation("See how it stands with my knock", {200: OwnKnockJson}, refusals=[KnockUnknown])
    def get(self, request: Request, invitation_id: UUID) -> Response:
        return Response(own_knock(invitation_id=invitation_id, user_id=person_of(request).id))

    @operation("Wait no longer", {204: None}, refusals=[KnockUnknown])
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        withdraw(invitation_id=invitation_id, user_id=person_of(request).id)
        return Response(status=204)


class ApproveView(ApiView):
    @operation(
        "Let somebody in who knocked",
        {204: None},
        note="It takes a use of the code. For who made the code, and who manages its chat.",
        body=WhoKnocks,
        refusals=[InvitationUnknown, KnockUnknown, *DEAD, ChatFull, Banned, MayNotWrite],
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        knocks = parse(WhoKnocks, request.data)["user"]
        approve(invitation_id=invitation_id, actor_id=person_of(request).id, user_id=knocks)
        return Response(status=204)


class RefuseView(ApiView):
    @operation(
        "Do not let somebody in who knocked",
        {204: None},
        body=WhoKnocks,
        refusals=[InvitationUnknown, KnockUnknown, AlreadyIn],
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        knocks = parse(WhoKnocks, request.data)["user"]
        refuse(invitation_id=invitation_id, actor_id=person_of(request).id, user_id=knocks)
        return Response(status=204)
