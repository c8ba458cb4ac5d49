"""/api/chats/: bodies and queries into arguments, answers into JSON."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.events import membership_json

PAGE_LIMIT = 200
# Beyond this PostgreSQL's bigint ends.
LARGEST = 2**63 - 1


class NewChat(serializers.Serializer[Any]):
    kind = StrictCharField()
    title = StrictCharField(required=False, allow_blank=True)
    members = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)
    ttl_s = StrictIntegerField(required=False)


class ChatChange(serializers.Serializer[Any]):
    title = StrictCharField(allow_blank=True)


class NewMember(serializers.Serializer[Any]):
    user = serializers.UUIDField()


class RoleChange(serializers.Serializer[Any]):
    role = StrictCharField()


class NewMessage(serializers.Serializer[Any]):
    client_id = serializers.UUIDField()
    body = StrictCharField(allow_blank=True)
    reply_to = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)


class MessageChange(serializers.Serializer[Any]):
    body = StrictCharField(allow_blank=True)


class ReadMark(serializers.Serializer[Any]):
    seq = StrictIntegerField(min_value=0, max_value=LARGEST)


class ChatsView(ApiView):
    def get(self, request: Request) -> Response:
        query = request.query_params
        limit = _number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT)
        return Response(selectors.chat_list(user_id=person_of(request).id, before=query.get("before", ""), limit=limit))

    def post(self, request: Request) -> Response:
        chat = services.create_chat(creator_id=person_of(request).id, **parse(NewChat, request.data))
        return Response(selectors.chat_detail(chat_id=chat.id, user_id=person_of(request).id), status=201)


class ChatView(ApiView):
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=person_of(request).id))

    def patch(self, request: Request, chat_id: UUID) -> Response:
        services.rename_chat(chat_id=chat_id, actor_id=person_of(request).id, **parse(ChatChange, request.data))
        return self.get(request, chat_id)

    def delete(self, request: Request, chat_id: UUID) -> Response:
        services.close_chat(chat_id=chat_id, actor_id=person_of(request).id)
        return Response(status=204)


class MembersView(ApiView):
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.members(chat_id=chat_id, user_id=person_of(request).id)})

    def post(self, request: Request, chat_id: UUID) -> Response:
        user_id = parse(NewMember, request.data)["user"]
        membership = services.add_member(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id)
        return Response(membership_json(membership), status=201)


class MemberView(ApiView):
    def patch(self, request: Request, chat_id: UUID, user_id: UUID) -> Response:
        role = parse(RoleChange, request.data)["role"]
        changed = services.change_role(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id, role=role)
        return Response(membership_json(changed))

    def delete(self, request: Request, chat_id: UUID, user_id: UUID) -> Response:
        """Oneself: leave. Somebody else: remove, with `?ban=true` for good."""
        actor_id, ban = person_of(request).id, _flag(request.query_params, "ban")
        if user_id == actor_id and not ban:
            services.leave_chat(chat_id=chat_id, user_id=user_id)
        else:
            services.remove_member(chat_id=chat_id, actor_id=actor_id, user_id=user_id, ban=ban)
        return Response(status=204)


class MessagesView(ApiView):
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        page = selectors.messages(
            chat_id=chat_id,
            user_id=person_of(request).id,
            before=_optional_number(query, "before"),
            after=_optional_number(query, "after"),
            limit=_number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT),
        )
        return Response(page)

    def post(self, request: Request, chat_id: UUID) -> Response:
        sent = services.send_message(
            chat_id=chat_id, sender_id=person_of(request).id, **parse(NewMessage, request.data)
        )
        return Response(sent.message, status=201 if sent.created else 200)


class MessageView(ApiView):
    def patch(self, request: Request, chat_id: UUID, seq: int) -> Response:
        body = parse(MessageChange, request.data)["body"]
        return Response(services.edit_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, body=body))

    def delete(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.delete_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq))


class ChangesView(ApiView):
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        since = _number(query, "since", default=0, lowest=0)
        limit = _number(query, "limit", default=500, lowest=1, highest=selectors.CHAT_LIMIT)
        return Response(
            _changes_json(selectors.changes(chat_id=chat_id, user_id=person_of(request).id, since=since, limit=limit))
        )


def _changes_json(changes: selectors.Changes) -> dict[str, Any]:
    answer: dict[str, Any] = {"memberships": [], "items": [], "version": changes.version}
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


class ReadView(ApiView):
    def post(self, request: Request, chat_id: UUID) -> Response:
        services.mark_read(chat_id=chat_id, user_id=person_of(request).id, seq=parse(ReadMark, request.data)["seq"])
        return Response(status=204)


def _flag(query: Any, name: str) -> bool:
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid(fields={name: [_("true or false.")]})
    return bool(text == "true")


def _optional_number(query: Any, name: str) -> int | None:
    return _number(query, name, default=0, lowest=0) if name in query else None


def _number(query: Any, name: str, *, default: int, lowest: int, highest: int = LARGEST) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and lowest <= int(text) <= highest):
        raise Invalid(
            fields={
                name: [_("A whole number from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}]
            }
        )
    return int(text)
