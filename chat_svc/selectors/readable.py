"""Which messages somebody may see: the one place where a lower bound is drawn. The resume statement draws the same."""

from django.db.models import QuerySet

from chat_svc.models import Membership, Message


def readable_from(membership: Membership) -> int:
    """The first `seq` that the person may see: a chat may keep what was said before they came to itself, and they may
    have cleared it for themselves."""
    return max(membership.visible_from_seq, membership.cleared_seq + 1)


def readable(membership: Membership) -> QuerySet[Message]:
    """The messages of the chat that the person may see."""
    return Message.objects.filter(chat_id=membership.chat_id, seq__gte=readable_from(membership))
