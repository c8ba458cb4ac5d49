"""Who is in which chat, and how far each chat is: for many people or chats in one query."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from chat_svc.events import ChatCreatedEvent, chat_created
from chat_svc.models import Chat, Membership, State


def places() -> QuerySet[Membership]:
    lasting = Q(chat__expires_at=None) | Q(chat__expires_at__gt=timezone.now())
    return Membership.objects.filter(lasting, state=State.ACTIVE)


def places_of(user_id: UUID) -> QuerySet[Membership]:
    return places().filter(user_id=user_id).select_related("chat")


def member_counts(chat_ids: Iterable[UUID]) -> defaultdict[UUID, int]:
    active = Membership.objects.filter(chat_id__in=list(chat_ids), state=State.ACTIVE)
    counted = active.values_list("chat_id").annotate(Count("id")).order_by()
    return defaultdict(int, dict(counted))


def heads_of(user_id: UUID) -> dict[UUID, int]:
    """The version of each of the person's chats."""
    return dict(places_of(user_id).values_list("chat_id", "chat__version"))


def heads_of_all(user_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The same for many people, in one query."""
    found: dict[UUID, dict[UUID, int]] = {user_id: {} for user_id in user_ids}
    mine = places().filter(user_id__in=list(found))
    for user_id, chat_id, version in mine.values_list("user_id", "chat_id", "chat__version"):
        found[user_id][chat_id] = version
    return found


def memberships_of(user_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The chats of many people, in one query."""
    found: dict[UUID, set[UUID]] = {user_id: set() for user_id in user_ids}
    mine = places().filter(user_id__in=list(found))
    for user_id, chat_id in mine.values_list("user_id", "chat_id"):
        found[user_id].add(chat_id)
    return found


def created_events(asked: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], ChatCreatedEvent]:
    """By (chat, person): the `chat.created` of somebody who is in the chat, told late. Others are left out."""
    wanted = set(asked)
    chat_ids, user_ids = {chat_id for chat_id, _ in wanted}, {user_id for _, user_id in wanted}
    candidates = places().filter(chat_id__in=chat_ids, user_id__in=user_ids).select_related("chat")
    memberships = [membership for membership in candidates if (membership.chat_id, membership.user_id) in wanted]
    counts = member_counts({membership.chat_id for membership in memberships})
    return {
        (membership.chat_id, membership.user_id): chat_created(
            membership.chat, membership, member_count=counts[membership.chat_id]
        )
        for membership in memberships
    }


def heads(chat_ids: Iterable[UUID]) -> dict[UUID, int]:
    return dict(Chat.objects.filter(id__in=list(chat_ids)).values_list("id", "version"))


def active_members(chat_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {chat_id: set() for chat_id in chat_ids}
    active = Membership.objects.filter(chat_id__in=list(found), state=State.ACTIVE)
    for chat_id, user_id in active.values_list("chat_id", "user_id"):
        found[chat_id].add(user_id)
    return found


def members_among(asked: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of the (chat, person) who are in their chat."""
    wanted = set(asked)
    chat_ids, user_ids = {chat_id for chat_id, _ in wanted}, {user_id for _, user_id in wanted}
    active = Membership.objects.filter(chat_id__in=chat_ids, user_id__in=user_ids, state=State.ACTIVE)
    return wanted.intersection(active.values_list("chat_id", "user_id"))


def blocked_among(chat_ids: Iterable[UUID]) -> set[UUID]:
    """Those direct chats in which nobody writes, since one of the two has blocked the other."""
    blocked = Chat.objects.filter(id__in=list(chat_ids), is_blocked=True)
    return set(blocked.values_list("id", flat=True))


def peers_of(user_id: UUID, candidates: Iterable[UUID]) -> set[UUID]:
    """Those of `candidates` who are in a chat with the person now."""
    shared = Membership.objects.filter(user_id__in=list(candidates), state=State.ACTIVE)
    mine = Membership.objects.filter(user_id=user_id, state=State.ACTIVE).values("chat_id")
    return set(shared.filter(chat_id__in=mine).values_list("user_id", flat=True))
