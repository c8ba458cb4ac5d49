"""Mentions that somebody has not read for long: for letters."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat_svc.models import Membership, Mention, Message, Notify, State
from chat_svc.selectors.notices import in_short
from chat_svc.selectors.readable import readable
from user_svc.selectors import parted_from

CHATS_LIMIT = 10
PER_CHAT = 3


@dataclass(frozen=True)
class Missed:
    """One chat's: its title (empty for a direct one), and what was said last, the oldest first."""

    chat_id: UUID
    title: str
    count: int
    said: list[tuple[str, str]]  # (who, what)


def with_missed_mentions(user_ids: Collection[UUID]) -> set[UUID]:
    """Those of them who have any, however new."""
    return set(_called().filter(user_id__in=user_ids).values_list("user_id", flat=True))


def missed_mentions(*, user_id: UUID, said_before: dt.datetime) -> list[Missed]:
    """In chats that they want to be told of; a query for each chat, and two."""
    memberships = _called().filter(user_id=user_id).select_related("chat").order_by("-chat__last_message_at")
    apart = parted_from(user_id)
    found = (_missed(membership, said_before, apart) for membership in memberships[:CHATS_LIMIT])
    return [one for one in found if one.count]


def _called() -> QuerySet[Membership]:
    now = timezone.now()
    listening = Membership.objects.filter(state=State.ACTIVE, mentions__gt=0).exclude(notify=Notify.NOTHING)
    going_on = Q(chat__expires_at__isnull=True) | Q(chat__expires_at__gt=now)
    return listening.filter(going_on, chat__closed_at=None).exclude(muted_until__gt=now)


def _missed(membership: Membership, said_before: dt.datetime, apart: Collection[UUID]) -> Missed:
    calls = Mention.objects.filter(chat_id=membership.chat_id, user_id=membership.user_id)
    unread: QuerySet[Message] = readable(membership).filter(
        seq__gt=membership.read_seq, seq__in=calls.values("seq"), deleted_at=None, created_at__lt=said_before
    )
    messages = list(unread.exclude(sender_id__in=apart).select_related("sender").order_by("-seq"))
    said = [(message.sender.display_name, in_short(message)) for message in reversed(messages[:PER_CHAT])]
    return Missed(membership.chat_id, membership.chat.title, len(messages), said)
