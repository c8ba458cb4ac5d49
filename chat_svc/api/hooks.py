"""Webhooks: those of a chat, for who manages it; and the address at which an incoming one is posted to."""

from typing import Any, TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of
from abdre.errors import TooMany
from abdre.limits import address_prefix
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Id, Items
from chat_svc import services
from chat_svc.api.held import FILTERED, HELD_NOTE, said
from chat_svc.api.queries import MANAGING
from chat_svc.errors import ChatFull, ChatNotFound, ChatOver, HookNotFound, NotAllowed, TooManyHooks
from chat_svc.events import HeldJson, MessageJson
from chat_svc.selectors.hooks import IncomingHookJson, OutgoingHookJson, incoming_hooks, outgoing_hooks

LOOKING = (ChatNotFound, NotAllowed)
CHANGING = (ChatNotFound, NotAllowed, HookNotFound)
MAKING = (*MANAGING, TooManyHooks, ChatFull)


class NewIncomingHook(serializers.Serializer[Any]):
    name = StrictCharField(help_text="1 to 60 characters; what it says is said under this name.")


class NewOutgoingHook(serializers.Serializer[Any]):
    name = StrictCharField(help_text="1 to 60 characters; all in the chat see it.")
    url = StrictCharField(help_text="An http(s) address outside, at the usual port.")


class HookPost(serializers.Serializer[Any]):
    text = StrictCharField(allow_blank=True, help_text="1 to 8,000 characters after trimming.")
    client_id = serializers.UUIDField(required=False, help_text="A repeat with the same one is the same message.")
    username = StrictCharField(
        required=False, help_text="Another name for this message, 1 to 60 characters; the webhook's own stands beside."
    )


class MadeHookJson(TypedDict):
    """`secret`: an incoming hook's token, or what an outgoing one signs with; in this answer only."""

    id: Id
    secret: str


class IncomingHooksView(ApiView):
    @operation("List incoming webhooks", {200: Items[IncomingHookJson]}, refusals=LOOKING)
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": incoming_hooks(chat_id=chat_id, user_id=person_of(request).id)})

    @operation(
        "Make an incoming webhook",
        {201: MadeHookJson},
        note="Whoever knows the secret posts to `/api/chats/hooks/{secret}`.",
        body=NewIncomingHook,
        refusals=MAKING,
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        data = parse(NewIncomingHook, request.data)
        return _made(services.create_incoming_hook(chat_id=chat_id, actor_id=person_of(request).id, **data))


class HookTokenView(ApiView):
    @operation("Give an incoming webhook another secret", {201: MadeHookJson}, refusals=CHANGING)
    def post(self, request: Request, chat_id: UUID, hook_id: UUID) -> Response:
        return _made(services.renew_hook_token(chat_id=chat_id, actor_id=person_of(request).id, hook_id=hook_id))


class OutgoingHooksView(ApiView):
    @operation("List outgoing webhooks", {200: Items[OutgoingHookJson]}, refusals=LOOKING)
    def get(self, request: Request, chat_id: UUID) -> Response:
        return Response({"items": outgoing_hooks(chat_id=chat_id, user_id=person_of(request).id)})

    @operation(
        "Make an outgoing webhook",
        {201: MadeHookJson},
        note="What happens in the chat from now on is posted to `url`, at least once and in order of its versions: "
        "`{hook, chat, version, events: [{id, type, version, …}]}`. The header `X-Abdre-Signature` is "
        "`t=<Unix seconds>,v1=<HMAC-SHA256 of t, a dot and the body, by the secret, in hex>`.",
        body=NewOutgoingHook,
        refusals=MAKING,
    )
    def post(self, request: Request, chat_id: UUID) -> Response:
        data = parse(NewOutgoingHook, request.data)
        return _made(services.create_outgoing_hook(chat_id=chat_id, actor_id=person_of(request).id, **data))


class HookSecretView(ApiView):
    @operation("Give an outgoing webhook another secret", {201: MadeHookJson}, refusals=CHANGING)
    def post(self, request: Request, chat_id: UUID, hook_id: UUID) -> Response:
        return _made(services.renew_hook_secret(chat_id=chat_id, actor_id=person_of(request).id, hook_id=hook_id))


class HookOnView(ApiView):
    @operation("Switch an outgoing webhook on", {204: None}, note="It hears what it has missed.", refusals=CHANGING)
    def post(self, request: Request, chat_id: UUID, hook_id: UUID) -> Response:
        services.switch_on(chat_id=chat_id, actor_id=person_of(request).id, hook_id=hook_id)
        return Response(status=204)


class IncomingHookView(ApiView):
    @operation("Delete an incoming webhook", {204: None}, note="What it said stays.", refusals=CHANGING)
    def delete(self, request: Request, chat_id: UUID, hook_id: UUID) -> Response:
        return _deleted(request, chat_id, hook_id)


class OutgoingHookView(ApiView):
    @operation("Delete an outgoing webhook", {204: None}, refusals=CHANGING)
    def delete(self, request: Request, chat_id: UUID, hook_id: UUID) -> Response:
        return _deleted(request, chat_id, hook_id)


class HookPostView(ApiView):
    """The secret in the address says who asks."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    counts_as_deed = False  # many hooks come from one network; each is counted by itself

    @operation(
        "Post by an incoming webhook",
        {201: MessageJson, 200: MessageJson, 202: HeldJson},
        note="200 and the stored message for a `client_id` that the webhook has used already. Sixty a minute."
        + HELD_NOTE,
        body=HookPost,
        refusals=[HookNotFound, ChatOver, TooMany, *FILTERED],
    )
    def post(self, request: Request, token: str) -> Response:
        asked = parse(HookPost, request.data)
        return said(services.post_by_hook(token=token, address=address_prefix(request), **asked))


def _made(hook: services.MadeHook) -> Response:
    body: MadeHookJson = {"id": str(hook.hook_id), "secret": hook.secret}
    return Response(body, status=201, headers=UNCACHED)


def _deleted(request: Request, chat_id: UUID, hook_id: UUID) -> Response:
    services.delete_hook(chat_id=chat_id, actor_id=person_of(request).id, hook_id=hook_id)
    return Response(status=204)
