"""People who want nothing to do with somebody, and think better of it."""

from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from abdre.events import publish, user_group
from user_svc.errors import InvalidProfile, UserNotFound
from user_svc.events import block_changed
from user_svc.models import Block
from user_svc.selectors import has_blocked, is_block_between, visible_user

BLOCKS_LIMIT = 1_000  # they stand in every answer about oneself


def block(*, user_id: UUID, other_id: UUID) -> None:
    """Nobody but the person's own devices hears of it. Again is no harm. Raises UserNotFound, InvalidProfile."""
    visible_user(user_id=other_id, asked_by=user_id)
    if user_id == other_id:
        raise InvalidProfile("user", _("That is you."))
    if Block.objects.filter(blocker_id=user_id).count() >= BLOCKS_LIMIT:
        raise InvalidProfile("user", _("You have blocked 1,000 people. Please let one of them go first."))
    _change(user_id, other_id, blocked=True)


def unblock(*, user_id: UUID, other_id: UUID) -> None:
    """Raises UserNotFound where there is no such block."""
    if not has_blocked(user_id=user_id, other_id=other_id):
        raise UserNotFound
    _change(user_id, other_id, blocked=False)


def hand_over_blocks(*, from_user_id: UUID, to_user_id: UUID) -> None:
    """A guest has signed in to an account: who was apart from the guest is apart from the account."""
    account = {from_user_id: to_user_id}
    blocks = Block.objects.filter(Q(blocker_id=from_user_id) | Q(blocked_id=from_user_id)).order_by("id")
    for pair in list(blocks.values_list("blocker_id", "blocked_id")):
        blocker, blocked = (account.get(user_id, user_id) for user_id in pair)
        if blocker != blocked:
            _change(blocker, blocked, blocked=True)


def _change(user_id: UUID, other_id: UUID, *, blocked: bool) -> None:
    def written() -> bool:
        """Whether one of the two blocks the other now."""
        if blocked:
            Block.objects.get_or_create(blocker_id=user_id, blocked_id=other_id)
        else:
            Block.objects.filter(blocker_id=user_id, blocked_id=other_id).delete()
        publish(user_group(user_id), block_changed(other_id, blocked=blocked))
        return blocked or is_block_between(user_id, other_id)

    # Their direct chat stands above us: who has it locks it, has this written, and notes in it what came of it.
    import_string(settings.UNDER_DIRECT_CHAT)(user_id, other_id, written)
    forget_changed(own_card(user_id))
