"""Who has blocked whom."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from user_svc.models import Block, User


def blocked_by(user_id: UUID) -> list[User]:
    """Whom the person has blocked, the last one first."""
    blocks = Block.objects.filter(blocker_id=user_id).select_related("blocked").order_by("-created_at", "-id")
    return [block.blocked for block in blocks]


def blocked_ids(user_id: UUID) -> list[UUID]:
    mine = Block.objects.filter(blocker_id=user_id).order_by("id")
    return list(mine.values_list("blocked_id", flat=True))


def has_blocked(*, user_id: UUID, other_id: UUID) -> bool:
    return Block.objects.filter(blocker_id=user_id, blocked_id=other_id).exists()


def is_block_between(user_id: UUID, other_id: UUID) -> bool:
    """Whether one of the two has blocked the other."""
    pair = Q(blocker_id=user_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=user_id)
    return Block.objects.filter(pair).exists()


def parted_from(user_id: UUID) -> set[UUID]:
    """Everybody between whom and the person a block stands, whoever made it."""
    return apart([user_id]).get(user_id, set())


def apart(user_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The same for many, in one query; who is apart from nobody is left out."""
    asked = set(user_ids)
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    blocks = Block.objects.filter(Q(blocker_id__in=asked) | Q(blocked_id__in=asked))
    for blocker, blocked in blocks.values_list("blocker_id", "blocked_id"):
        found[blocker].add(blocked)
        found[blocked].add(blocker)
    return {user_id: others for user_id, others in found.items() if user_id in asked}
