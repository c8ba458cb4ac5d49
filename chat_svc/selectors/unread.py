"""What stands after a read mark: counted anew wherever the mark comes to lie elsewhere than at the chat's end."""

from typing import TypedDict
from uuid import UUID

from django.db.models import Q

from chat_svc.models import Membership, Mention, Message, MessageKind


class Counts(TypedDict):
    """As they stand on a membership."""

    uncounted: int
    mentions: int


NOTHING: Counts = {"uncounted": 0, "mentions": 0}


def counts_after(*, chat_id: UUID, user_id: UUID, seq: int) -> Counts:
    """The caller holds the membership's row, and the chat's too where the mark goes back."""
    is_no_news = Q(deleted_at__isnull=False) | Q(kind=MessageKind.SYSTEM) | Q(sender_id=user_id)
    return {
        "uncounted": Message.objects.filter(is_no_news, chat_id=chat_id, seq__gt=seq).count(),
        "mentions": Mention.objects.filter(chat_id=chat_id, user_id=user_id, seq__gt=seq).count(),
    }


def unread_of(membership: Membership) -> int:
    """How many messages are news to the person. Takes what is kept: no message is read for it."""
    return max(membership.chat.last_seq - membership.read_seq - membership.uncounted, 0)
