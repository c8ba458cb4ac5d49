"""What happens in a chat is told to the targets of its outgoing webhooks: at least once, in order, until they answer.

Nothing is queued: each hook has a cursor, and whatever is newer in the chat is still to be told, so a worker that dies
or a house that restarts loses nothing. The chat's own path of writing knows nothing of hooks.
"""

import hashlib
import hmac
import json
import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.db import close_connections
from abdre.fetching import FetchFailed, TookTooLong, fetch
from chat_svc.errors import NotAMember
from chat_svc.models import Delivery, OutgoingHook
from chat_svc.selectors.changes import Changes, kept_changes
from chat_svc.services.messages import send_message

log = logging.getLogger(__name__)

# Those that hang keep a thread for as long as TIMEOUT_S; the others go on.
THREADS = 8
EVENTS_AT_ONCE = 50
TIMEOUT_S = 10.0
# A claim outlives one delivery; it is taken anew for each.
CLAIM = timedelta(seconds=60)
ROUNDS = 20  # then others have their turn
LONGEST_PAUSE_S = 3600
OFF_AFTER = timedelta(days=3)
KEPT_DELIVERIES = 20

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="hooks")


def deliver_to_hooks() -> None:
    """Every hook that has something to hear, each on a thread of its own. Called by the clock."""
    for hook_id in due_hooks():
        if _claim(hook_id):
            _threads.submit(_on_own_thread, hook_id)


def due_hooks() -> list[UUID]:
    """In one query, the longest waiting first."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    due = OutgoingHook.objects.filter(free, off_at=None, next_try_at__lte=now, chat__version__gt=F("cursor"))
    return list(due.order_by("next_try_at").values_list("id", flat=True)[:THREADS])


def _claim(hook_id: UUID) -> bool:
    """Whether it is ours; of several workers one delivers."""
    now = timezone.now()
    free = OutgoingHook.objects.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), id=hook_id)
    return bool(free.update(claimed_until=now + CLAIM))


def _on_own_thread(hook_id: UUID) -> None:
    try:
        deliver_claimed(hook_id)
    except Exception:  # the outermost of this thread: the claim ends by itself, and the next look tries again
        log.exception("webhook not delivered", extra={"hook": str(hook_id)})
    finally:
        close_connections()


def deliver_claimed(hook_id: UUID) -> None:
    """As much as is there, for a while; then the claim is given back."""
    for _round in range(ROUNDS):
        if not deliver(hook_id):
            break
    OutgoingHook.objects.filter(id=hook_id).update(claimed_until=None)


def deliver(hook_id: UUID) -> bool:
    """Tell the target the next of what it has not heard; whether it took that and there may be more."""
    hook = OutgoingHook.objects.filter(id=hook_id, off_at=None).first()
    if hook is None:
        return False
    try:
        news = kept_changes(chat_id=hook.chat_id, user_id=hook.bot_id, since=hook.cursor, limit=EVENTS_AT_ONCE)
    except NotAMember:  # its bot was taken out of the chat, which is how it is ended there
        OutgoingHook.objects.filter(id=hook.id).update(off_at=timezone.now())
        return False
    secret = hook.secret()
    if secret is None:
        _switch_off(hook, _("it has no secret any more, and needs a new one"))
        return False
    if not news.items:  # versions that left no row behind
        OutgoingHook.objects.filter(id=hook.id, cursor=hook.cursor).update(cursor=news.version)
        return news.is_cut
    status, problem = _told(hook, news, secret)
    _note(hook, news, status, problem)
    return news.is_cut and not problem


def _told(hook: OutgoingHook, news: Changes, secret: str) -> tuple[int | None, str]:
    """(what it answered, why that is no success)"""
    body = json.dumps(_body(hook, news), ensure_ascii=False).encode()
    OutgoingHook.objects.filter(id=hook.id).update(claimed_until=timezone.now() + CLAIM)
    headers = {
        "Content-Type": "application/json",
        "X-Abdre-Hook": str(hook.id),
        "X-Abdre-Signature": signature(body, secret),
    }
    try:
        answer = fetch(hook.url, method="POST", headers=headers, body=body, timeout_s=TIMEOUT_S, limit_bytes=1024)
    except TookTooLong:
        return None, "timeout"
    except FetchFailed:
        return None, "unreachable"
    return answer.status, "" if 200 <= answer.status < 300 else "refused"


def _body(hook: OutgoingHook, news: Changes) -> dict[str, Any]:
    events = [{"id": f"{hook.chat_id}:{event['version']}", **event} for event in news.items]
    return {"hook": str(hook.id), "chat": str(hook.chat_id), "version": news.version, "events": events}


def signature(body: bytes, secret: str, *, at: int | None = None) -> str:
    """`t=<Unix seconds>,v1=<HMAC-SHA256 of "t.body" in hex>`: neither what is told nor when can be changed."""
    moment = int(time.time()) if at is None else at
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def _note(hook: OutgoingHook, news: Changes, status: int | None, problem: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        same = OutgoingHook.objects.filter(id=hook.id, cursor=hook.cursor)
        if problem:
            same.update(
                tries=hook.tries + 1, failing_since=hook.failing_since or now, next_try_at=now + pause(hook.tries)
            )
        else:
            same.update(cursor=news.version, tries=0, failing_since=None, next_try_at=now)
        Delivery.objects.create(
            hook=hook, since=hook.cursor, version=news.version, count=len(news.items), status=status, problem=problem
        )
        kept = Delivery.objects.filter(hook=hook).values_list("id", flat=True)[:KEPT_DELIVERIES]
        Delivery.objects.filter(hook=hook).exclude(id__in=list(kept)).delete()
    if problem and hook.failing_since and hook.failing_since < now - OFF_AFTER:
        _switch_off(hook, _("its address did not answer well for days"))


def pause(tries: int) -> timedelta:
    """Before the next try after so many in vain: 1 s, 2 s, 4 s … an hour, and up to a quarter more or less."""
    seconds = min(2.0 ** min(tries, 16), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311  # so that many do not come at once


def _switch_off(hook: OutgoingHook, why: str) -> None:
    """Once, and with a word in the chat, where those who manage it read it."""
    if not OutgoingHook.objects.filter(id=hook.id, off_at=None).update(off_at=timezone.now()):
        return
    text = _("The webhook “%(name)s” was switched off: %(why)s.") % {"name": hook.name, "why": why}
    send_message(chat_id=hook.chat_id, sender_id=hook.bot_id, client_id=uuid4(), body=text)
