"""Bots of a member: made with a token of their own, given another, deleted."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from abdre.device import NOWHERE, Device
from auth_svc.errors.tokens import TooManyBots
from auth_svc.models import PersonalToken
from auth_svc.services.factors import changer
from auth_svc.services.leaving import delete_now
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.services.sessions import revoke_tokens
from auth_svc.services.tokens import MadeToken, new_token
from user_svc import services as users
from user_svc.selectors import bot_by_id, bots_of

BOTS_PER_PERSON = 20


def create_bot(
    *, user_id: UUID, session_id: UUID, username: str, display_name: str, device: Device = NOWHERE
) -> MadeToken:
    """With its token. Its owner has shown a moment ago who they are, and is told by letter.

    Raises AccountRequired, ReauthenticationRequired, SecondFactorNeeded, InvalidName, UsernameTaken, TooManyBots.
    """
    owner = changer(user_id=user_id, session_id=session_id)
    with transaction.atomic():
        users.lock_person(user_id=owner.id)
        if len(bots_of(owner.id)) >= BOTS_PER_PERSON:
            raise TooManyBots
        bot = users.create_bot(
            owner_id=owner.id, username=users.checked_username(username), display_name=display_name or username
        )
        tell_of_change(user_id=owner.id, change=Change.BOT_ADDED, device=device)
        return new_token(user_id=bot.id, name=bot.username or "")


def renew_bot_token(*, user_id: UUID, session_id: UUID, bot_id: UUID) -> MadeToken:
    """Another token in place of the one that there was, which opens nothing from now on.

    Raises BotNotFound, AccountRequired, ReauthenticationRequired, SecondFactorNeeded.
    """
    owner = changer(user_id=user_id, session_id=session_id)
    bot = bot_by_id(bot_id, owner_id=owner.id)
    with transaction.atomic():
        users.lock_person(user_id=bot.id)
        revoke_tokens(PersonalToken.objects.of(bot.id))
        return new_token(user_id=bot.id, name=bot.username or "")


def delete_bot(*, user_id: UUID, bot_id: UUID) -> None:
    """It is out at once, and out of its chats soon; what it said stays, under no name. Raises BotNotFound."""
    bot = bot_by_id(bot_id, owner_id=user_id)
    with transaction.atomic():
        delete_now(user_id=bot.id, now=timezone.now())
