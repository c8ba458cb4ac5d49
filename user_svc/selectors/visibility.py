"""Who sees whom, and who may begin a chat with whom."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from user_svc.errors import MayNotWrite, UserNotFound
from user_svc.events import profile_of
from user_svc.models import User, Writers, name_key
from user_svc.selectors.blocks import is_block_between, parted_from
from user_svc.selectors.people import user_by_id

SEARCH_LIMIT = 20


def visible_user(*, user_id: UUID, asked_by: UUID) -> User:
    """Somebody's card: one's own, a member's, or a guest's one shares a chat with. Raises UserNotFound."""
    user = user_by_id(user_id)
    if user_id == asked_by:
        return user
    if (user.is_guest or user_by_id(asked_by).is_guest) and not peers(user_id=asked_by, candidates=[user_id]):
        raise UserNotFound
    return user


def search(query: str, *, asked_by: UUID) -> list[User]:
    """Members whose user name begins with, or whose display name contains `query`; never guests, never by e-mail.

    Who wants not to be found is not, nor is anybody on the other side of a block.
    Bots are found as people are, to be added to chats; but not those of webhooks, which belong to theirs.
    """
    members = User.objects.filter(
        Q(is_bot=False) | Q(bot_owner__isnull=False),
        is_guest=False,
        is_active=True,
        banned_at=None,
        deactivated_at=None,
        deletion_due_at=None,
    )
    wanted = name_key(query)
    by_name = members.filter(Q(username_key__startswith=wanted) | Q(display_name_key__contains=wanted))
    found = by_name.exclude(profile__is_findable=False).exclude(id__in=parted_from(asked_by))
    return list(found.order_by("username")[:SEARCH_LIMIT])


def peers(*, user_id: UUID, candidates: Iterable[UUID]) -> set[UUID]:
    """Those of `candidates` who share a chat with the person; chat_svc, above us, is asked by the settings' word."""
    found: set[UUID] = import_string(settings.PEER_VISIBILITY)(user_id, set(candidates))
    return found


def check_may_begin_chat(user_id: UUID, with_id: UUID) -> None:
    """Whether the person may begin a direct chat. Raises UserNotFound, MayNotWrite, which says nothing of why."""
    other = user_by_id(with_id)
    wanted = profile_of(other).who_may_write
    is_stranger = wanted == Writers.PEERS and not peers(user_id=user_id, candidates=[with_id])
    if wanted == Writers.NOBODY or is_stranger:
        raise MayNotWrite
    check_not_apart(user_id, with_id)


def check_not_apart(user_id: UUID, with_id: UUID) -> None:
    """Whether no block stands between the two. Raises MayNotWrite."""
    if is_block_between(user_id, with_id):
        raise MayNotWrite
