"""Newcomers say so many messages a minute, over all chats and processes.

On the writer's thread, so no event loop waits for the store. Who has been asked about costs a look into a
dictionary; of newcomers it is asked, too, what they have said before under the same id.
"""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from abdre.db import by_a_live_connection
from abdre.limits import count
from chat_svc.errors import NewcomersPace
from chat_svc.models import HeldMessage, Message
from chat_svc.writer.posts import Post
from user_svc.selectors import newcomers_since

WINDOW_S = 60
KNOWN_LIMIT = 50_000  # people; then all are asked for anew

# Of each sender asked about: until when they are new, on the monotonic clock; 0 for who is not.
_new_until: dict[int, float] = {}
_refused_until: dict[int, float] = {}


def too_fast(posts: Collection[Post]) -> dict[tuple[int, int, int], NewcomersPace]:
    """Those that are not to be stored now, by their key."""
    if not settings.NEWCOMERS_MESSAGES_PER_MINUTE:
        return {}
    if len(_new_until) > KNOWN_LIMIT:
        forget_newcomers()
    said = [post for post in posts if post.leave is None]
    by_a_live_connection(lambda: _learn({post.sender_id.int: post.sender_id for post in said}))
    now = time.monotonic()
    by_newcomers = [post for post in said if _new_until[post.sender_id.int] > now]
    known = by_a_live_connection(lambda: _known(by_newcomers))
    refused = {}
    for post in by_newcomers:
        if post.key not in known and (left_s := _left(post.sender_id, now)):
            with override(post.language):
                refused[post.key] = NewcomersPace(retry_after_s=left_s)
    return refused


def _known(posts: Sequence[Post]) -> set[tuple[int, int, int]]:
    """Said or held before: who sends it again hears what became of it, and says nothing more."""
    if not posts:
        return set()
    chats, senders, ids = zip(*((post.chat_id, post.sender_id, post.client_id) for post in posts), strict=True)
    key = ("chat_id", "sender_id", "client_id")
    same = {f"{name}__in": set(values) for name, values in zip(key, (chats, senders, ids), strict=True)}
    said = Message.objects.filter(**same).values_list(*key)
    held = HeldMessage.objects.filter(**same).values_list(*key)
    return {(chat.int, sender.int, client.int) for chat, sender, client in said.union(held)}


def _learn(people: Mapping[int, UUID]) -> None:
    """One question for all whom this process has not heard of."""
    senders = {number: sender for number, sender in people.items() if number not in _new_until}
    if not senders:
        return
    for_so_long = timedelta(minutes=settings.NEWCOMER_MINUTES)
    joined = newcomers_since(timezone.now() - for_so_long, among=senders.values())
    new = {user_id.int: at + for_so_long - timezone.now() for user_id, at in joined.items()}
    now = time.monotonic()
    _new_until.update({sender: now + new[sender].total_seconds() if sender in new else 0.0 for sender in senders})


def _left(sender: UUID, now: float) -> int:
    """Seconds to wait, this message counted; 0: none."""
    left = _refused_until.get(sender.int, now) - now
    if left > 0:
        return math.ceil(left)
    _refused_until.pop(sender.int, None)
    quota = count("newcomers", str(sender), limit=settings.NEWCOMERS_MESSAGES_PER_MINUTE, window_s=WINDOW_S)
    if quota is None or not quota.is_over:  # a store that is away ends no service
        return 0
    _refused_until[sender.int] = now + quota.left_s
    return quota.left_s


def forget_newcomers() -> None:
    _new_until.clear()
    _refused_until.clear()
