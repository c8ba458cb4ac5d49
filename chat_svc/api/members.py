"""Members of a chat."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.api.queries import MANAGING, flag
from chat_svc.errors import (
    Banned,
    ChatFull,
    ChatNotFound,
    LastOwner,
    MemberNotFound,
    NotAllowed,
)
from chat_svc.events import MembershipJson, membership_json
from chat_svc.selectors.chats import MemberJson
from user_svc.errors import MayNotWrite, UserNotFound


class NewMember(serializers.Serializer[Any]):
    user = serializers.UUIDField()


class RoleChange(serializers.Serializer[Any]):
    role = StrictCharField(help_text="`owner`, `admin` or `member`.")


class MembersView(ApiView):
    @operation("List the members", {200: Items[MemberJson]}, refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.members(chat_id=chat_id, user_id=person_of(request).id)})

    @operation(
        "Add a member",
        {201: MembershipJson},
        body=NewMember,
        refusals=[*MANAGING, UserNotFound, MayNotWrite, Banned, ChatFull],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        user_id = parse(NewMember, request.data)["user"]
        membership = services.add_member(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id)
        return Response(membership_json(membership), status=201)


class BannedView(ApiView):
    @operation(
        "List the banned",
        {200: Items[MembershipJson]},
        note="For those who manage the chat.",
        refusals=[ChatNotFound, NotAllowed],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.banned(chat_id=chat_id, user_id=person_of(request).id)})


class BanView(ApiView):
    @operation(
        "End a ban",
        {204: None},
        note="They may come in again; nobody takes them in by this.",
        refusals=[ChatNotFound, MemberNotFound, NotAllowed],
    )
    def delete(self, request: Request, chat_id: UUID, user_id: UUID) -> Response:
        services.unban(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id)
        return Response(status=204)


class TransferView(ApiView):
    @operation(
        "Hand a chat over",
        {200: MembershipJson},
        note="The other person owns it, and one is an admin.",
        body=NewMember,
        refusals=[*MANAGING, MemberNotFound],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        user_id = parse(NewMember, request.data)["user"]
        heir = services.transfer_chat(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id)
        return Response(membership_json(heir))


class MemberView(ApiView):
    @operation("Change a role", {200: MembershipJson}, body=RoleChange, refusals=[*MANAGING, MemberNotFound, LastOwner])
    def patch(self, request: Request, chat_id: UUID, user_id: UUID) -> Response:
        role = parse(RoleChange, request.data)["role"]
        changed = services.change_role(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id, role=role)
        return Response(membership_json(changed))

    @operation(
        "Leave or remove",
        {204: None},
        note="Oneself: leave. Somebody else, of a lower role: remove.",
        parameters=[Parameter("ban", "For good.", {"type": "boolean", "default": False})],
        refusals=[ChatNotFound, MemberNotFound, NotAllowed, LastOwner, Invalid],
    )
    def delete(self, request: Request, chat_id: UUID, user_id: UUID) -> Response:
        actor_id, ban = person_of(request).id, flag(request.query_params, "ban")
        if user_id == actor_id and not ban:
            services.leave_chat(chat_id=chat_id, user_id=user_id)
        else:
            services.remove_member(chat_id=chat_id, actor_id=actor_id, user_id=user_id, ban=ban)
        return Response(status=204)
