"""Bots: whose they are, and where they may be taken."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from user_svc.errors import BotNotFound
from user_svc.models import User


def bots_of(owner_id: UUID) -> list[User]:
    """Those that are there, the oldest first."""
    own = User.objects.filter(is_bot=True, bot_owner_id=owner_id, is_active=True)
    return list(own.order_by("date_joined", "id"))


def bots_owned_by(owner_ids: Collection[UUID]) -> QuerySet[User]:
    """Also those that are gone."""
    return User.objects.filter(bot_owner_id__in=owner_ids)


def bot_by_id(bot_id: UUID, *, owner_id: UUID) -> User:
    """One's own. Raises BotNotFound."""
    bot = User.objects.filter(id=bot_id, is_bot=True, bot_owner_id=owner_id, is_active=True).first()
    if bot is None:
        raise BotNotFound
    return bot


def may_be_added(user: User) -> bool:
    """Whether others may take this person, or this bot, into their chats. A webhook's bot stays in its own."""
    return user.is_active and not user.is_guest and (not user.is_bot or user.bot_owner_id is not None)
