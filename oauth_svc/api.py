"""What our pages ask: which logins to offer, which are linked; and to begin, link and unlink."""

from typing import TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictCharField, parse, person_of, who_of
from abdre.device import device_that_asks
from abdre.operations import operation
from abdre.own_path import own_path
from abdre.views import ApiView
from abdre.wire import Items
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import AccountRequired, LastWayIn, ReauthenticationRequired
from oauth_svc.errors import (
    FlowExpired,
    LinkedAccountNotFound,
    LinkedElsewhere,
    ProviderNotFound,
)
from oauth_svc.selectors import (
    LinkedAccountJson,
    ProviderJson,
    account_json,
    linked_to,
    name_of,
    offered,
    provider_json,
)
from oauth_svc.services import link_pending, pending_claims, ticket, unlink

PENDING_LENGTH = 4096


class NewFlow(serializers.Serializer[object]):
    provider = StrictCharField(max_length=40)
    process = serializers.ChoiceField(choices=["connect", "reauthenticate"])
    next = StrictCharField(default="", allow_blank=True, max_length=2000, help_text="A path of ours.")


class PendingLink(serializers.Serializer[object]):
    pending = StrictCharField(max_length=PENDING_LENGTH, help_text="The cookie `abdre_pending_link`.")


class FlowJson(TypedDict):
    url: str


class PendingJson(TypedDict):
    """`name`: how the account is called over there."""

    provider: str
    provider_name: str
    name: str


class ProviderListView(ApiView):
    permission_classes = (AllowAny,)

    @operation(
        "List the providers", {200: Items[ProviderJson]}, note="A browser opens `url` with `?next=` and a path of ours."
    )
    def get(self, request: Request) -> Response:
        return Response({"items": [provider_json(provider) for provider in offered().values()]})


class FlowListView(ApiView):
    @operation(
        "Begin at a provider",
        {201: FlowJson},
        note="To link an account over there (`connect`), or to show by a linked one that it is you (`reauthenticate`). "
        "The same session's browser opens `url` within a minute. Who shows that it is they goes on at `next`.",
        body=NewFlow,
        refusals=[ProviderNotFound, AccountRequired, ReauthenticationRequired, SecondFactorNeeded],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewFlow, request.data)
        text = ticket(
            provider=data["provider"], process=data["process"], next_path=own_path(data["next"]), **who_of(request)
        )
        url = f"{provider_json(offered()[data['provider']])['url']}?ticket={text}"
        return Response({"url": url}, status=201, headers=UNCACHED)


class PendingView(ApiView):
    @operation(
        "Look at a login that waits to be linked",
        {200: PendingJson},
        note="Somebody came by a provider whose e-mail address an account here has; its owner may link the two.",
        body=PendingLink,
        refusals=[FlowExpired],
    )
    def post(self, request: Request) -> Response:
        claims = pending_claims(**parse(PendingLink, request.data), user_id=person_of(request).id)
        shown = {"provider": claims.provider, "provider_name": name_of(claims.provider), "name": claims.shown}
        return Response(shown, headers=UNCACHED)


class AccountListView(ApiView):
    @operation("List my linked logins", {200: Items[LinkedAccountJson]})
    def get(self, request: Request) -> Response:
        return Response({"items": [account_json(account) for account in linked_to(person_of(request).id)]})

    @operation(
        "Link the login that waits",
        {201: LinkedAccountJson},
        body=PendingLink,
        refusals=[FlowExpired, LinkedElsewhere, AccountRequired, ReauthenticationRequired, SecondFactorNeeded],
    )
    def post(self, request: Request) -> Response:
        account = link_pending(**parse(PendingLink, request.data), **who_of(request), device=device_that_asks(request))
        return Response(account_json(account), status=201)


class AccountView(ApiView):
    @operation(
        "Unlink a login",
        {204: None},
        refusals=[LinkedAccountNotFound, LastWayIn, ReauthenticationRequired, SecondFactorNeeded],
    )
    def delete(self, request: Request, account_id: UUID) -> Response:
        unlink(account_id=account_id, **who_of(request), device=device_that_asks(request))
        return Response(status=204)
