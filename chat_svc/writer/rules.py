"""What a chat, and staff, may demand of who writes there, beside being in it."""

import math
import re
from datetime import timedelta

from django.utils import timezone

from chat_svc.errors import AnnouncementsOnly, LinksRefused, Silenced, SlowMode
from chat_svc.models import Chat, GuestRule, Membership
from chat_svc.rights import Action, may
from user_svc.errors import MayNotWrite

# What any reader makes a link of, Markdown's included.
LINK = re.compile(r"\w://|\bwww\.|\bmailto:|\]\s*[(:]", re.IGNORECASE)


def check(chat: Chat, membership: Membership, body: str) -> None:
    """Raises MayNotWrite, Silenced, AnnouncementsOnly, LinksRefused, SlowMode."""
    check_but_for_pace(chat, membership, body)
    if _is_a_hooks(membership):
        return
    if chat.slow_mode_s and not _may(Action.WRITE_AT_ANY_PACE, chat, membership):
        _check_pace(chat, membership)


def check_but_for_pace(chat: Chat, membership: Membership, body: str) -> None:
    """Of what is to be said later, and of edits, too. Raises MayNotWrite, Silenced, AnnouncementsOnly, LinksRefused."""
    if chat.is_blocked:
        raise MayNotWrite
    if _is_a_hooks(membership):
        return
    refuse_if_silenced(membership)
    if chat.announcement_only and not _may(Action.WRITE_ANNOUNCEMENT, chat, membership):
        raise AnnouncementsOnly
    _check_links(chat, membership, body)


def refuse_if_silenced(membership: Membership) -> None:
    """For all by which somebody says something, in a title or an emoji too. Raises Silenced."""
    if until := membership.silence:
        raise Silenced(until)


def _is_a_hooks(membership: Membership) -> bool:
    """What a webhook says is said by leave of whoever manages the chat."""
    return membership.user.is_bot and membership.user.bot_owner_id is None


def _check_links(chat: Chat, membership: Membership, body: str) -> None:
    """Raises LinksRefused."""
    is_free = chat.guest_links == GuestRule.ALLOWED or _may(Action.WRITE_LINK, chat, membership)
    if not is_free and LINK.search(body):
        raise LinksRefused


def _check_pace(chat: Chat, membership: Membership) -> None:
    if membership.last_sent_at is None:
        return
    left = membership.last_sent_at + timedelta(seconds=chat.slow_mode_s) - timezone.now()
    if left > timedelta(0):
        raise SlowMode(retry_after_s=math.ceil(left.total_seconds()))


def _may(action: Action, chat: Chat, membership: Membership) -> bool:
    return may(action, role=membership.role, kind=chat.kind)
