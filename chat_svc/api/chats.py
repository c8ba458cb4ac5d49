"""Chats: listed, started, renamed, closed."""

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import StrictBooleanField, StrictCharField, StrictIntegerField, parse, person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.api.queries import LIMIT, MANAGING, PAGE_LIMIT, Q, identifier, number, words
from chat_svc.errors import (
    ChatNotFound,
    NotAllowed,
    Silenced,
    WordsRefused,
)
from chat_svc.selectors.chats import ChatItem, ChatPage
from chat_svc.selectors.listing import Filter
from chat_svc.services import ChatFacts
from user_svc.errors import MayNotWrite

BEFORE = Parameter("before", "The `next` of the page before.", {"type": "string"})
WITH = Parameter("with", "A person's id: only the chats that they are in, too.", {"type": "string", "format": "uuid"})
TITLE_NOTE = "At most 100 characters."


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
    title = StrictCharField(required=False, allow_blank=True, help_text=TITLE_NOTE)
    topic = StrictCharField(required=False, allow_blank=True, help_text="At most 250 characters.")
    slow_mode_s = StrictIntegerField(
        required=False, help_text="Seconds that a member waits between two messages, up to six hours; 0 for none."
    )
    announcement_only = StrictBooleanField(required=False, help_text="Only those who manage the chat write.")
    guest_links = StrictCharField(required=False, help_text="Of guests: `allowed`, `held` or `refused`.")
    guest_files = StrictCharField(required=False, help_text="Of guests: `allowed`, `held` or `refused`.")
    is_public = StrictBooleanField(
        required=False, help_text="Anybody with an account finds the group, and comes in without a code."
    )
    guests_may_join = StrictBooleanField(required=False, help_text="Guests come into a public chat too.")
    history_for_newcomers = StrictBooleanField(
        required=False, help_text="Who comes from now on reads what was said before."
    )
    keeps_days = StrictIntegerField(
        required=False,
        help_text="Days after which messages are deleted for good, up to 3,650; 0: when the installation says.",
    )


class ChatsView(ApiView):
    @operation(
        "List my chats",
        {200: ChatPage},
        note="The pinned ones, then the others, the newest message first in both.",
        parameters=[
            LIMIT,
            BEFORE,
            Parameter(
                "filter",
                "Archived chats are listed by their own filter alone.",
                {"type": "string", "enum": list(Filter), "default": Filter.ALL},
            ),
            Q,
            WITH,
        ],
        refusals=[Invalid],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        limit = number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT)
        return Response(
            selectors.chat_list(
                user_id=person_of(request).id,
                which=query.get("filter", Filter.ALL),
                words=words(query),
                before=query.get("before", ""),
                limit=limit,
                with_id=identifier(query, "with"),
            )
        )

    @operation(
        "Start a chat",
        {201: ChatItem},
        note="A pair has one direct chat: started again, it is the same one.",
        body=NewChat,
        refusals=[NotAllowed, Silenced, ChatNotFound, MayNotWrite, WordsRefused],
    )
    def post(self, request: Request) -> Response:
        chat = services.create_chat(creator_id=person_of(request).id, **parse(NewChat, request.data))
        return Response(selectors.chat_detail(chat_id=chat.id, user_id=person_of(request).id), status=201)


class ChatView(ApiView):
    @operation("Look at a chat", {200: ChatItem}, refusals=[ChatNotFound])
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=person_of(request).id))

    @operation("Change a chat", {200: ChatItem}, body=ChatChange, refusals=[*MANAGING, Silenced, WordsRefused])
    def patch(self, request: Request, chat_id: UUID) -> Response:
        services.change_chat(
            chat_id=chat_id, actor_id=person_of(request).id, facts=cast(ChatFacts, parse(ChatChange, request.data))
        )
        return self.get(request, chat_id)

    @operation("Close a chat", {204: None}, note="Nobody writes any more, everybody can read on.", refusals=MANAGING)
    def delete(self, request: Request, chat_id: UUID) -> Response:
        services.close_chat(chat_id=chat_id, actor_id=person_of(request).id)
        return Response(status=204)
