"""Beside a message: reactions, and what it said before."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.errors import Invalid
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.errors import (
    ChatNotFound,
    ChatOver,
    MessageDeleted,
    MessageNotFound,
    NotAllowed,
    SecondFactorMissing,
    Silenced,
    TooManyReactions,
)
from chat_svc.events import MessageJson
from chat_svc.selectors.edits import EditJson
from chat_svc.selectors.reactions import ReactionsJson
from chat_svc.services.moderation import Staff, read_edits
from user_svc.errors import MayNotWrite

REACTING = (ChatNotFound, ChatOver, NotAllowed, MessageNotFound, MessageDeleted, Invalid)


class ReactionsView(ApiView):
    @operation(
        "List reactions",
        {200: Items[ReactionsJson]},
        note="Who gave them, a hundred people each; the message itself names fifty, and not whether one is among them.",
        refusals=[ChatNotFound, MessageNotFound],
    )
    def get(self, request: Request, chat_id: UUID, seq: int) -> Response:
        found = selectors.reactions(chat_id=chat_id, user_id=person_of(request).id, seq=seq)
        return Response({"items": found})


class ReactionView(ApiView):
    @operation(
        "React",
        {200: MessageJson},
        note="One emoji, as keyboards offer them. A message takes twenty different ones, and five of one person.",
        refusals=[*REACTING, TooManyReactions, Silenced, MayNotWrite],
    )
    def put(self, request: Request, chat_id: UUID, seq: int, emoji: str) -> Response:
        return self._react(request, chat_id, seq, emoji, on=True)

    @operation("Take a reaction back", {200: MessageJson}, note="One's own.", refusals=REACTING)
    def delete(self, request: Request, chat_id: UUID, seq: int, emoji: str) -> Response:
        return self._react(request, chat_id, seq, emoji, on=False)

    def _react(self, request: Request, chat_id: UUID, seq: int, emoji: str, *, on: bool) -> Response:
        return Response(services.react(chat_id=chat_id, actor_id=person_of(request).id, seq=seq, emoji=emoji, on=on))


class EditsView(ApiView):
    @operation(
        "List earlier bodies",
        {200: Items[EditJson]},
        note="What a reported message said before. For staff of the installation who have shown a second factor.",
        refusals=[ChatNotFound, NotAllowed, SecondFactorMissing, MessageNotFound],
    )
    def get(self, request: Request, chat_id: UUID, seq: int) -> Response:
        person = person_of(request)
        by = Staff(person.id, address=address_prefix(request))
        return Response({"items": read_edits(by=by, session_id=person.session_id, chat_id=chat_id, seq=seq)})
