"""What a chat, and staff, may demand of who writes there, beside being in it."""

import math
import re
from datetime import timedelta

from django.utils import timezone

from chat_svc.errors import AnnouncementsOnly, EditWouldBeHeld, LinksRefused, Silenced, SlowMode, WordsRefused
from chat_svc.filtering import FilterAction, Verdict
from chat_svc.models import Chat, GuestRule, HeldWhy, Membership
from chat_svc.rights import Action, may
from chat_svc.writer.posts import Post
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
    if chat.guest_links == GuestRule.REFUSED and _has_guests_link(chat, membership, body):
        raise LinksRefused


def _has_guests_link(chat: Chat, membership: Membership, body: str) -> bool:
    return not _may(Action.WRITE_LINK, chat, membership) and LINK.search(body) is not None


def refuse_words(verdict: Verdict | None) -> None:
    """Raises WordsRefused."""
    if verdict is not None and verdict.action == FilterAction.REFUSE:
        raise WordsRefused


def why_held(post: Post, chat: Chat, membership: Membership) -> HeldWhy | None:
    """Why it has to wait, if it does; the installation's reason goes before the chat's."""
    if post.verdict is not None:
        return HeldWhy.WORDS
    if _is_a_hooks(membership):
        return None
    if _is_link_held(chat, membership, post.body):
        return HeldWhy.LINK
    is_held = chat.guest_files == GuestRule.HELD and not _may(Action.SEND_FILES, chat, membership)
    return HeldWhy.FILE if post.attachments and is_held else None


def _is_link_held(chat: Chat, membership: Membership, body: str) -> bool:
    return chat.guest_links == GuestRule.HELD and _has_guests_link(chat, membership, body)


def check_edit(verdict: Verdict, chat: Chat, membership: Membership) -> None:
    """What would have to wait is no edit: others have the message already.

    Raises WordsRefused, EditWouldBeHeld, and as `check_but_for_pace`.
    """
    check_but_for_pace(chat, membership, verdict.body)
    refuse_words(verdict)
    if verdict.action == FilterAction.HOLD or _is_link_held(chat, membership, verdict.body):
        raise EditWouldBeHeld


def _check_pace(chat: Chat, membership: Membership) -> None:
    if membership.last_sent_at is None:
        return
    left = membership.last_sent_at + timedelta(seconds=chat.slow_mode_s) - timezone.now()
    if left > timedelta(0):
        raise SlowMode(retry_after_s=math.ceil(left.total_seconds()))


def _may(action: Action, chat: Chat, membership: Membership) -> bool:
    return may(action, role=membership.role, kind=chat.kind)
