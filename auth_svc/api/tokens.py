"""/api/auth/tokens and /api/auth/bots: what programs come in by."""

from typing import Any, TypedDict
from uuid import UUID

from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import UNCACHED, StrictBooleanField, StrictCharField, StrictIntegerField, parse, person_of, who_of
from abdre.device import device_that_asks
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import AccountRequired, ReauthenticationRequired
from auth_svc.errors.tokens import TokenNotFound, TooManyBots, TooManyTokens, WrongToken
from auth_svc.selectors.tokens import BotJson, TokenJson, bot_json, bots_json, token_json, tokens_of
from auth_svc.services import (
    create_bot,
    create_token,
    delete_bot,
    exchange_token,
    renew_bot_token,
    revoke_token,
)
from user_svc.errors import BotNotFound, UsernameTaken
from user_svc.selectors import UserJson, user_json

TOKEN_LENGTH = 200
MAKING = (AccountRequired, ReauthenticationRequired, SecondFactorNeeded)


class NewToken(serializers.Serializer[Any]):
    name = StrictCharField(help_text="1 to 60 characters.")
    write = StrictBooleanField(default=False, help_text="May it change anything, or only read?")
    days = StrictIntegerField(default=90, help_text="From 1 to 366, after which it opens nothing.")


class NewBot(serializers.Serializer[Any]):
    username = StrictCharField(help_text="3 to 30 letters, digits, dots, hyphens or underscores.")
    display_name = StrictCharField(required=False, default="", allow_blank=True, help_text="1 to 60 characters.")


class Exchange(serializers.Serializer[Any]):
    token = StrictCharField(max_length=TOKEN_LENGTH)


class ShownTokenJson(TokenJson):
    """`token`: the token itself, in this answer only."""

    token: str


class ShownBotJson(TypedDict):
    """`token`: the token itself, in this answer only."""

    bot: BotJson
    token: str


class ExchangedJson(TypedDict):
    """`expires_in`: seconds that the access token lasts."""

    access_token: str
    expires_in: int
    user: UserJson


class TokenListView(ApiView):
    @operation("List my personal tokens", {200: Items[TokenJson]})
    def get(self, request: Request) -> Response:
        return Response({"items": tokens_of(person_of(request).id)})

    @operation(
        "Make a personal token",
        {201: ShownTokenJson},
        note="Shortly after signing in. The owner gets a letter.",
        body=NewToken,
        refusals=[*MAKING, TooManyTokens],
    )
    def post(self, request: Request) -> Response:
        data = parse(NewToken, request.data)
        made = create_token(
            **who_of(request),
            name=data["name"],
            writes=data["write"],
            days=data["days"],
            device=device_that_asks(request),
        )
        return Response({**token_json(made.row), "token": made.token}, status=201, headers=UNCACHED)


class TokenView(ApiView):
    @operation(
        "Revoke a personal token",
        {204: None},
        note="Its programs are out, and their sockets closed, within two seconds.",
        refusals=[TokenNotFound],
    )
    def delete(self, request: Request, token_id: UUID) -> Response:
        revoke_token(user_id=person_of(request).id, token_id=token_id)
        return Response(status=204)


class ExchangeView(ApiView):
    """The token says who asks."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @operation(
        "Exchange a personal token",
        {200: ExchangedJson},
        note="For an access token, which opens sockets and all of the API that is not about the account itself, as far "
        "as the personal token's scopes go. Before it expires, exchange again: it is the same session.",
        body=Exchange,
        refusals=[WrongToken],
    )
    def post(self, request: Request) -> Response:
        exchanged = exchange_token(**parse(Exchange, request.data), device=device_that_asks(request))
        body: ExchangedJson = {
            "access_token": exchanged.access,
            "expires_in": exchanged.expires_in,
            "user": user_json(exchanged.user),
        }
        return Response(body, headers=UNCACHED)


class BotListView(ApiView):
    @operation("List my bots", {200: Items[BotJson]})
    def get(self, request: Request) -> Response:
        return Response({"items": bots_json(person_of(request).id)})

    @operation(
        "Make a bot",
        {201: ShownBotJson},
        note="Shortly after signing in. The owner gets a letter. Who manages a chat adds it like a person.",
        body=NewBot,
        refusals=[*MAKING, TooManyBots, UsernameTaken],
    )
    def post(self, request: Request) -> Response:
        made = create_bot(**who_of(request), **parse(NewBot, request.data), device=device_that_asks(request))
        return _made_bot(request, made.row.user_id, made.token)


class BotView(ApiView):
    @operation("Delete a bot", {204: None}, note="What it said stays, under no name.", refusals=[BotNotFound])
    def delete(self, request: Request, bot_id: UUID) -> Response:
        delete_bot(user_id=person_of(request).id, bot_id=bot_id)
        return Response(status=204)


class BotTokenView(ApiView):
    @operation(
        "Give a bot another token",
        {201: ShownBotJson},
        note="The one before opens nothing from now on. Shortly after signing in.",
        refusals=[*MAKING, BotNotFound],
    )
    def post(self, request: Request, bot_id: UUID) -> Response:
        made = renew_bot_token(**who_of(request), bot_id=bot_id)
        return _made_bot(request, bot_id, made.token)


def _made_bot(request: Request, bot_id: UUID, token: str) -> Response:
    body: ShownBotJson = {"bot": bot_json(owner_id=person_of(request).id, bot_id=bot_id), "token": token}
    return Response(body, status=201, headers=UNCACHED)
