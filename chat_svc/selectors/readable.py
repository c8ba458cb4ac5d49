"""Which messages somebody may see: the one place where a lower bound is drawn. The resume statement draws the same."""

from typing import Protocol

from django.db.models import QuerySet

from chat_svc.models import Membership, Message


class Bounds(Protocol):
    """A membership, or what of it is asked for many chats at once."""

    @property
    def visible_from_seq(self) -> int: ...

    @property
    def cleared_seq(self) -> int: ...


def readable_from(membership: Bounds) -> int:
    """The first `seq` that the person may see: a chat may keep what was said before they came to itself, and they may
    have cleared it for themselves."""
    return max(membership.visible_from_seq, membership.cleared_seq + 1)


def first_readable(membership: Membership) -> int:
    """The first that is there and that the person may see; past the chat's end where there is none."""
    return max(readable_from(membership), membership.chat.pruned_below)


def readable(membership: Membership) -> QuerySet[Message]:
    """The messages of the chat that the person may see."""
    return Message.objects.filter(chat_id=membership.chat_id, seq__gte=readable_from(membership))
