"""What is said is told to browsers whose pages are closed: what is unread, to who wants it, as it stands then."""

import logging
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from abdre.db import close_connections
from abdre.fetching import FetchFailed
from abdre.web_push import PushFailed
from chat_svc.models import Chat, Membership, Notice, Notify, State, Watch
from chat_svc.selectors.notices import news_for, notice_json, ttl_s_of
from user_svc.presence import online
from user_svc.selectors import with_push
from user_svc.services import push

log = logging.getLogger(__name__)

CHATS_AT_ONCE = 200
THREADS = 8
# Who has a page open somewhere is told by that; what they have not read by then goes to their other devices.
GRACE = timedelta(seconds=30)
CLAIM = timedelta(seconds=60)
# 15 s, 30 s, 1 min … some four hours in all.
FIRST_PAUSE_S = 15.0
TRIES = 10

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="push")


def watch_chats_of(user_id: UUID) -> None:
    """A browser of this person is told from now on."""
    own = Chat.objects.filter(memberships__user_id=user_id, memberships__state=State.ACTIVE, closed_at=None)
    _watch(own)


def watch_if_told(chat: Chat, *user_ids: UUID) -> None:
    """These people have come into the chat."""
    if with_push(user_ids):
        _watch(Chat.objects.filter(id=chat.id))


def _watch(chats: QuerySet[Chat]) -> None:
    marks = [Watch(chat_id=chat_id, seq=seq) for chat_id, seq in chats.values_list("id", "last_seq")]
    Watch.objects.bulk_create(marks, ignore_conflicts=True)


def push_news() -> None:
    """Called by the clock."""
    note_news()
    for notice_id in due_notices():
        if _claim(notice_id):
            _threads.submit(_on_own_thread, notice_id)


def note_news() -> None:
    """Each watched chat in which something was said, and whose browsers may have to be told."""
    behind = Watch.objects.filter(chat__last_seq__gt=F("seq")).select_related("chat")
    for watch in behind[:CHATS_AT_ONCE]:
        try:
            _note(watch)
        except IntegrityError:  # the chat or a browser went in this moment; the next look finds what is left
            log.info("news not noted", extra={"chat": str(watch.chat_id)})


def _note(watch: Watch) -> None:
    with transaction.atomic():
        # One of several workers moves the mark.
        if not Watch.objects.filter(chat_id=watch.chat_id, seq=watch.seq).update(seq=watch.chat.last_seq):
            return
        made = _notices(watch)
        Notice.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["chat", "subscription"], update_fields=["until"]
        )
        _wait_no_longer(made)


def _notices(watch: Watch) -> list[Notice]:
    now = timezone.now()
    unread = Membership.objects.filter(chat_id=watch.chat_id, state=State.ACTIVE, read_seq__lt=watch.chat.last_seq)
    listening = unread.exclude(notify=Notify.NOTHING).exclude(muted_until__gt=now)
    browsers = list(
        listening.filter(user__push_subscriptions__isnull=False).values_list("user_id", "user__push_subscriptions")
    )
    here = online({user_id for user_id, _ in browsers})
    return [
        Notice(
            chat_id=watch.chat_id,
            subscription_id=subscription,
            since=watch.seq,
            until=watch.chat.last_seq,
            next_try_at=now + GRACE if user_id in here else now,
        )
        for user_id, subscription in browsers
    ]


def _wait_no_longer(made: list[Notice]) -> None:
    """Who had a page open when an earlier notice was noted, and has none now, is told at once."""
    now = timezone.now()
    at_once = {one.subscription_id for one in made if one.next_try_at <= now}
    if at_once:
        waiting = Notice.objects.filter(chat_id=made[0].chat_id, subscription_id__in=at_once, tries=0)
        waiting.filter(next_try_at__gt=now).update(next_try_at=now)


def due_notices() -> list[int]:
    """The longest waiting first."""
    due = _free().filter(next_try_at__lte=timezone.now())
    return list(due.order_by("next_try_at").values_list("id", flat=True)[:THREADS])


def _free() -> QuerySet[Notice]:
    return Notice.objects.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=timezone.now()))


def _claim(notice_id: int) -> bool:
    return bool(_free().filter(id=notice_id).update(claimed_until=timezone.now() + CLAIM))


def _on_own_thread(notice_id: int) -> None:
    try:
        tell(notice_id)
    except Exception:  # the outermost of this thread: the claim ends by itself, and the next look tries again
        log.exception("browser not told", extra={"notice": str(notice_id)})
    finally:
        close_connections()


def tell(notice_id: int) -> None:
    """Of what is still news at this moment; that may be nothing."""
    notice = Notice.objects.select_related("subscription").filter(id=notice_id).first()
    if notice is None:
        return
    try:
        _tell(notice)
    except (PushFailed, FetchFailed):
        _try_again(notice)
    else:
        _done(notice)


def _tell(notice: Notice) -> None:
    browser = notice.subscription
    active = Membership.objects.filter(chat_id=notice.chat_id, user_id=browser.user_id, state=State.ACTIVE)
    membership = active.select_related("chat", "user__preferences").first()
    if membership is None:
        return
    news = news_for(membership, since=notice.since, until=notice.until, device_zone=browser.time_zone)
    if news is not None:
        told = notice_json(news, membership, device_language=browser.language)
        push(browser, told, topic=membership.chat_id.hex, ttl_s=ttl_s_of(membership))


def _done(notice: Notice) -> None:
    same = Notice.objects.filter(id=notice.id)
    if not same.filter(until=notice.until).delete()[0]:  # more was said meanwhile
        same.update(since=notice.until, tries=0, claimed_until=None, next_try_at=timezone.now())


def _try_again(notice: Notice) -> None:
    same = Notice.objects.filter(id=notice.id)
    if notice.tries + 1 >= TRIES:
        same.delete()
        return
    seconds = FIRST_PAUSE_S * 2**notice.tries * random.uniform(0.75, 1.25)  # noqa: S311  # so that many do not come at once
    same.update(tries=F("tries") + 1, claimed_until=None, next_try_at=timezone.now() + timedelta(seconds=seconds))
