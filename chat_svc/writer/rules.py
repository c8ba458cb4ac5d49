"""What a chat may demand of who writes there, beside being in it."""

import math
from datetime import timedelta

from django.utils import timezone

from chat_svc.errors import AnnouncementsOnly, SlowMode
from chat_svc.models import Chat, Membership
from chat_svc.rights import Action, may


def check(chat: Chat, membership: Membership) -> None:
    """Raises AnnouncementsOnly, SlowMode."""
    if chat.announcement_only and not _may(Action.WRITE_ANNOUNCEMENT, chat, membership):
        raise AnnouncementsOnly
    if chat.slow_mode_s and not _may(Action.WRITE_AT_ANY_PACE, chat, membership):
        _check_pace(chat, membership)


def _check_pace(chat: Chat, membership: Membership) -> None:
    if membership.last_sent_at is None:
        return
    left = membership.last_sent_at + timedelta(seconds=chat.slow_mode_s) - timezone.now()
    if left > timedelta(0):
        raise SlowMode(retry_after_s=math.ceil(left.total_seconds()))


def _may(action: Action, chat: Chat, membership: Membership) -> bool:
    return may(action, role=membership.role, kind=chat.kind)
