"""Public chats: found, and come into."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.errors import Invalid, TooMany
from abdre.limits import limit as limit_rate
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors, services
from chat_svc.api.queries import LIMIT, PAGE_LIMIT, Q, number, words
from chat_svc.errors import Banned, ChatFull, ChatNotFound, ChatOver, NotAllowed
from chat_svc.selectors import PublicPage
from chat_svc.selectors.chats import ChatItem

SEARCHES_PER_MINUTE = 30


class PublicChatsView(ApiView):
    @operation(
        "Find public chats",
        {200: PublicPage},
        note="The newest message first. Guests find those that let guests in.",
        parameters=[LIMIT, Parameter("before", "The `next` of the page before.", {"type": "string"}), Q],
        refusals=[Invalid, TooMany],
    )
    def get(self, request: Request) -> Response:
        query, user_id = request.query_params, person_of(request).id
        if looked_for := words(query):  # names are compared one by one
            limit_rate("public-search", str(user_id), limit=SEARCHES_PER_MINUTE, window_s=60)
        found = selectors.public_chats(
            user_id=user_id,
            words=looked_for,
            before=query.get("before", ""),
            limit=number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT),
        )
        return Response(found)


class JoinView(ApiView):
    @operation(
        "Join a public chat",
        {201: ChatItem, 200: ChatItem},
        note="200 for who is in it already.",
        refusals=[ChatNotFound, ChatOver, NotAllowed, Banned, ChatFull],
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        user_id = person_of(request).id
        _membership, is_new = services.join_chat(chat_id=chat_id, user_id=user_id)
        return Response(selectors.chat_detail(chat_id=chat_id, user_id=user_id), status=201 if is_new else 200)
