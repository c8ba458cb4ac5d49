"""Somebody comes into a public chat by themselves."""

from uuid import UUID

from django.db import transaction

from chat_svc.errors import ChatNotFound, NotAllowed
from chat_svc.models import Chat, Membership
from chat_svc.selectors.discovering import open_to
from chat_svc.services.members import enrol
from user_svc.selectors import user_by_id


def join_chat(*, chat_id: UUID, user_id: UUID) -> tuple[Membership, bool]:
    """(the person's membership, whether it is new). A chat that is not open to them is not there.

    Raises ChatNotFound, ChatOver, Banned, ChatFull, and NotAllowed for a bot: those are added by who manages a chat.
    """
    found = open_to(user_id).filter(id=chat_id)
    # Asked without the lock first: strangers do not queue on a chat that is none of theirs.
    if not found.exists():
        raise ChatNotFound
    if user_by_id(user_id).is_bot:
        raise NotAllowed
    with transaction.atomic():
        Chat.objects.locked(chat_id)
        if not found.exists():  # closed to them while we waited
            raise ChatNotFound
        return enrol(chat_id=chat_id, user_id=user_id)
