"""Who was banned from a chat may come in again."""

from uuid import UUID

from django.db import transaction

from chat_svc.errors import MemberNotFound
from chat_svc.models import Chat, State
from chat_svc.rights import Action, require
from chat_svc.services.membership_log import tell


def unban(*, chat_id: UUID, actor_id: UUID, user_id: UUID) -> None:
    """They are not in the chat by that: a code, or somebody who manages it, lets them in.

    Raises ChatNotFound, MemberNotFound, NotAllowed.
    """
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        require(Action.UNBAN, chat=chat, membership=actor)
        lift_ban(chat, user_id)


def lift_ban(chat: Chat, user_id: UUID) -> None:
    """The caller holds the chat's lock. Raises MemberNotFound."""
    banned = chat.memberships.select_related("user").filter(user_id=user_id, state=State.BANNED).first()
    if banned is None:
        raise MemberNotFound
    banned.change(version=chat.next_version(), state=State.REMOVED)
    tell(chat, banned, None)
