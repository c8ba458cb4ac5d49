"""What is held: one's own, and what waits for who manages the chat."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from chat_svc import selectors, services
from chat_svc.errors import (
    AlreadyDecided,
    ChatNotFound,
    ChatOver,
    HeldNotFound,
    NewcomersPace,
    NotAllowed,
    NotApproved,
    TooManyHeld,
    WordsRefused,
)
from chat_svc.events import HeldJson, MessageJson
from chat_svc.selectors.held import HeldPage

HELD_NOTE = (
    " 202 and what is held, where it waits for approval: by the installation's filter, or because the chat holds "
    "guests' links or files. The same `client_id` again is the same one."
)
# What somebody may meet who says something.
FILTERED = (WordsRefused, NotApproved, TooManyHeld, NewcomersPace)
DECIDING = (ChatNotFound, NotAllowed, HeldNotFound, AlreadyDecided)


def said(outcome: services.Sent | services.Held) -> Response:
    """What somebody is answered who has said something."""
    if isinstance(outcome, services.Held):
        return Response(outcome.held, status=202)
    return Response(outcome.message, status=201 if outcome.created else 200)


class HeldInChatView(ApiView):
    @operation(
        "List what waits for approval in a chat",
        {200: HeldPage},
        note="Guests' links and files, where the chat holds those; for who manages it. The first one first, up to 50.",
        refusals=[ChatNotFound, NotAllowed],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response(selectors.held_in_chat(chat_id=chat_id, user_id=person_of(request).id))


class OwnHeldView(ApiView):
    @operation(
        "List own held messages",
        {200: Items[HeldJson]},
        note="Those that wait, and for a week those that were not approved.",
        refusals=[ChatNotFound],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": selectors.own_held(chat_id=chat_id, user_id=person_of(request).id)})


class HeldView(ApiView):
    @operation(
        "Take a held message back",
        {204: None},
        note="One's own: while it waits, or when it was not approved.",
        refusals=[HeldNotFound],
    )
    def delete(self, request: Request, chat_id: UUID, held_id: UUID) -> Response:
        services.drop_held(chat_id=chat_id, user_id=person_of(request).id, held_id=held_id)
        return Response(status=204)


class ApproveView(ApiView):
    @operation(
        "Approve a held message",
        {200: MessageJson},
        note="It is said, with the `client_id` that it came with.",
        refusals=[*DECIDING, ChatOver],
    )
    def post(self, request: Request, chat_id: UUID, held_id: UUID) -> Response:
        return Response(services.approve_held(chat_id=chat_id, actor_id=person_of(request).id, held_id=held_id))


class RejectView(ApiView):
    @operation("Reject a held message", {204: None}, note="Nothing is said; its author is told.", refusals=DECIDING)
    def post(self, request: Request, chat_id: UUID, held_id: UUID) -> Response:
        services.reject_held(chat_id=chat_id, actor_id=person_of(request).id, held_id=held_id)
        return Response(status=204)
