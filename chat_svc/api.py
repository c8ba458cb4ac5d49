"""/api/chats/: bodies and queries into arguments, answers into JSON."""

from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.errors import (
    Banned,
    ChatFull,
    ChatNotFound,
    ChatOver,
    LastOwner,
    MemberNotFound,
    MessageDeleted,
    MessageNotFound,
    NotAllowed,
    NotYourMessage,
)
from chat_svc.events import MembershipJson, MessageJson, SummaryJson, membership_json
from chat_svc.selectors.chats import ChatItem, ChatPage, MemberJson
from chat_svc.selectors.messages import MessagePage
from user_svc.errors import UserNotFound

PAGE_LIMIT = 200
# Beyond this PostgreSQL's bigint ends.
LARGEST = 2**63 - 1


TITLE_NOTE = "At most 100 characters."
BODY_NOTE = "1 to 8,000 characters after trimming, kept as typed; no NUL."


class NewChat(serializers.Serializer[Any]):
    kind = StrictCharField(help_text="`group`, `direct` or `temporary`; guests start temporary ones only.")
    title = StrictCharField(required=False, allow_blank=True, help_text=TITLE_NOTE)
    members = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=100,
        help_text="People with an account; of a direct chat the one other.",
    )
    ttl_s = StrictIntegerField(
        required=False, help_text="A temporary chat's lifetime in seconds, from 60 to 604,800; a day if left out."
    )


class ChatChange(serializers.Serializer[Any]):
    title = StrictCharField(allow_blank=True, help_text=TITLE_NOTE)


class NewMember(serializers.Serializer[Any]):
    user = serializers.UUIDField()


class RoleChange(serializers.Serializer[Any]):
    role = StrictCharField(help_text="`owner`, `admin` or `member`.")


class NewMessage(serializers.Serializer[Any]):
    client_id = serializers.UUIDField(help_text="Made by the client, once a message; a retry carries the same one.")
    body = StrictCharField(allow_blank=True, help_text=BODY_NOTE)
    reply_to = StrictIntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)


class MessageChange(serializers.Serializer[Any]):
    body = StrictCharField(allow_blank=True, help_text=BODY_NOTE)


class ReadMark(serializers.Serializer[Any]):
    seq = StrictIntegerField(min_value=0, max_value=LARGEST)


class ChangesJson(TypedDict):
    """Rows in their present state, each with the version of its last change. `reset`: begin the chat anew instead."""

    chat: NotRequired[SummaryJson]
    memberships: list[MembershipJson]
    items: list[MessageJson]
    version: int
    reset: NotRequired[bool]


LIMIT = Parameter("limit", "", {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT, "default": 50})
SEQ = {"type": "integer", "minimum": 0, "maximum": LARGEST}
# What somebody who manages a chat may meet.
MANAGING = (ChatNotFound, ChatOver, NotAllowed)


class ChatsView(ApiView):
    @operation(
        "List my chats",
        {200: ChatPage},
        note="The newest message first.",
        parameters=[LIMIT, Parameter("before", "The `next` of the page before.", {"type": "string"})],
        refusals=[Invalid],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        limit = _number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT)
        return Response(selectors.chat_list(user_id=person_of(request).id, before=query.get("before", ""), limit=limit))

    @operation(
        "Start a chat",
        {201: ChatItem},
        note="A pair has one direct chat: started again, it is the same one.",
        body=NewChat,
        refusals=[NotAllowed, ChatNotFound],
    )
    def post(self, request: Request) -> Response:
        chat = services.create_chat(creator_id=person_of(request).id, **parse(NewChat, request.data))
        return Response(selectors.chat_detail(chat_id=chat.id, user_id=person_of(request).id), status=201)


class ChatView(ApiView):
    @operation("Look at a chat", {200: ChatItem}, refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=person_of(request).id))

    @operation("Rename a chat", {200: ChatItem}, body=ChatChange, refusals=MANAGING)
    def patch(self, request: Request, chat_id: UUID) -> Response:
        services.rename_chat(chat_id=chat_id, actor_id=person_of(request).id, **parse(ChatChange, request.data))
        return self.get(request, chat_id)

    @operation("Close a chat", {204: None}, note="Nobody writes any more, everybody can read on.", refusals=MANAGING)
    def delete(self, request: Request, chat_id: UUID) -> Response:
        services.close_chat(chat_id=chat_id, actor_id=person_of(request).id)
        return Response(status=204)


class MembersView(ApiView):
    @operation("List the members", {200: Items[MemberJson]}, refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.members(chat_id=chat_id, user_id=person_of(request).id)})

    @operation(
        "Add a member", {201: MembershipJson}, body=NewMember, refusals=[*MANAGING, UserNotFound, Banned, ChatFull]
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        user_id = parse(NewMember, request.data)["user"]
        membership = services.add_member(chat_id=chat_id, actor_id=person_of(request).id, user_id=user_id)
        return Response(membership_json(membership), status=201)


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
        actor_id, ban = person_of(request).id, _flag(request.query_params, "ban")
        if user_id == actor_id and not ban:
            services.leave_chat(chat_id=chat_id, user_id=user_id)
        else:
            services.remove_member(chat_id=chat_id, actor_id=actor_id, user_id=user_id, ban=ban)
        return Response(status=204)


class MessagesView(ApiView):
    @operation(
        "List messages",
        {200: MessagePage},
        note="Ascending by `seq`: those just before `before`, just after `after`, else the newest.",
        parameters=[
            Parameter("before", "A message's `seq`.", SEQ),
            Parameter("after", "A message's `seq`. It wins.", SEQ),
            LIMIT,
        ],
        refusals=[ChatNotFound, Invalid],
    )
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

    @operation(
        "Send a message",
        {201: MessageJson, 200: MessageJson},
        note="201 once it is stored for good; 200 and the stored message for a `client_id` that the chat has already.",
        body=NewMessage,
        refusals=[ChatNotFound, ChatOver],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        sent = services.send_message(
            chat_id=chat_id, sender_id=person_of(request).id, **parse(NewMessage, request.data)
        )
        return Response(sent.message, status=201 if sent.created else 200)


class MessageView(ApiView):
    @operation(
        "Edit a message",
        {200: MessageJson},
        body=MessageChange,
        refusals=[ChatNotFound, ChatOver, MessageNotFound, NotYourMessage, MessageDeleted],
    )
    def patch(self, request: Request, chat_id: UUID, seq: int) -> Response:
        body = parse(MessageChange, request.data)["body"]
        return Response(services.edit_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, body=body))

    @operation(
        "Delete a message",
        {200: MessageJson},
        note="For everyone; one's own, or anybody's in a chat that one manages.",
        refusals=[ChatNotFound, ChatOver, MessageNotFound, NotYourMessage],
    )
    def delete(self, request: Request, chat_id: UUID, seq: int) -> Response:
        return Response(services.delete_message(chat_id=chat_id, actor_id=person_of(request).id, seq=seq))


class ChangesView(ApiView):
    @operation(
        "List what changed",
        {200: ChangesJson},
        note="`version` is the next `since`: the last item's where the limit cut, else the chat's.",
        parameters=[
            Parameter("since", "The version up to which all is known.", {**SEQ, "default": 0}),
            Parameter(
                "limit",
                "",
                {"type": "integer", "minimum": 1, "maximum": selectors.CHAT_LIMIT, "default": selectors.CHAT_LIMIT},
            ),
        ],
        refusals=[ChatNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        query = request.query_params
        since = _number(query, "since", default=0, lowest=0)
        limit = _number(query, "limit", default=selectors.CHAT_LIMIT, lowest=1, highest=selectors.CHAT_LIMIT)
        return Response(
            _changes_json(selectors.changes(chat_id=chat_id, user_id=person_of(request).id, since=since, limit=limit))
        )


def _changes_json(changes: selectors.Changes) -> ChangesJson:
    answer: ChangesJson = {"memberships": [], "items": [], "version": changes.version}
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
    @operation(
        "Mark as read",
        {204: None},
        note="Up to this `seq`; a mark never goes back, nor past the last message.",
        body=ReadMark,
        refusals=[ChatNotFound],
    )
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
