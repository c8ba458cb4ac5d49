"""Questions about personal tokens and bots: whose they are, and how they are shown."""

from collections.abc import Iterable
from typing import TypedDict
from uuid import UUID

from abdre.tokens import READ, WRITE
from abdre.wire import Id, Moment, utc
from auth_svc.models import PersonalToken
from user_svc.selectors import bots_of


class TokenJson(TypedDict):
    """`ending`: the token's last signs, by which its owner tells it. A bot's token does not expire."""

    id: Id
    name: str
    ending: str
    scopes: list[str]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class BotJson(TypedDict):
    """`token`: null where it was revoked, as when its owner was signed out everywhere."""

    id: Id
    username: str
    display_name: str
    created_at: Moment
    token: TokenJson | None


def scopes_of(token: PersonalToken) -> list[str]:
    return [READ, WRITE] if token.writes else [READ]


def tokens_of(user_id: UUID) -> list[TokenJson]:
    return [token_json(token) for token in PersonalToken.objects.of(user_id).alive()]


def bots_json(owner_id: UUID) -> list[BotJson]:
    """The oldest first, in two queries."""
    bots = bots_of(owner_id)
    tokens = _newest_by_bot(bot.id for bot in bots)
    return [
        {
            "id": str(bot.id),
            "username": bot.username or "",
            "display_name": bot.display_name,
            "created_at": utc(bot.date_joined),
            "token": token_json(tokens[bot.id]) if bot.id in tokens else None,
        }
        for bot in bots
    ]


def bot_json(*, owner_id: UUID, bot_id: UUID) -> BotJson:
    return next(bot for bot in bots_json(owner_id) if bot["id"] == str(bot_id))


def _newest_by_bot(bot_ids: Iterable[UUID]) -> dict[UUID, PersonalToken]:
    alive = PersonalToken.objects.alive().filter(user_id__in=list(bot_ids))
    return {token.user_id: token for token in alive.order_by("created_at")}


def token_json(token: PersonalToken) -> TokenJson:
    return {
        "id": str(token.id),
        "name": token.name,
        "ending": token.ending,
        "scopes": scopes_of(token),
        "created_at": utc(token.created_at),
        "expires_at": utc(token.expires_at),
        "last_used_at": utc(token.last_used_at),
    }
