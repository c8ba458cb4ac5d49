"""Staff who are not at their pages are told that reports wait: by push soon, by letter once nobody has come.

Of a report nothing is said, and of many at once no more than of one. Whose turn it is, is claimed by a conditional
UPDATE, so any number of workers may look.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, override
from django_tasks import task

from auth_svc.models import ReportWatch
from auth_svc.selectors.emails import verified_email_of
from auth_svc.services.mail import URGENT, deliver
from chat_svc.selectors import newest_escalation, newest_untaken
from chat_svc.services import waiting_for, waiting_since
from chat_svc.services.moderation import Right
from user_svc.selectors import language_of, pushed_to, staff_with, user_by_id
from user_svc.services import push_words_unless_quiet

QUEUE = "/admin/chat_svc/report/"
PUSHED_FOR_S = 6 * 3600
# Moderators hand on to whoever may appoint them.
WHO = {newest_untaken: Right.HANDLE_REPORTS, newest_escalation: Right.APPOINT_STAFF}


@dataclass(frozen=True)
class Way:
    """`told`: where it is noted when somebody was told so. `after`: how long a report has waited by then."""

    told: str
    tell: Callable[[UUID], None]
    every: dt.timedelta
    after: dt.timedelta = dt.timedelta()
    looked_within: dt.timedelta = dt.timedelta()

    def due(self, news_at: dt.datetime) -> Q:
        """Who has neither seen this news nor been told of it, nor of anything else a moment ago."""
        now = timezone.now()
        unseen = Q(looked_at=None) | Q(looked_at__lt=min(news_at, now - self.looked_within))
        return unseen & (Q(**{self.told: None}) | Q(**{f"{self.told}__lt": min(news_at, now - self.every)}))


def looked_at_reports(*, user_id: UUID) -> None:
    """The person has the list before them: of what is in it they need not be told any more."""
    ReportWatch.objects.update_or_create(user_id=user_id, defaults={"looked_at": timezone.now()})


def alert_staff() -> None:
    """Called by the clock of the worker."""
    for way in [PUSH, *([LETTER] if settings.REPORT_MAIL else [])]:
        for newest, right in WHO.items():
            if news_at := newest(before=timezone.now() - way.after):
                _tell(way, right, news_at)


def _tell(way: Way, right: Right, news_at: dt.datetime) -> None:
    staff = set(staff_with(f"chat_svc.{right}").values_list("id", flat=True))
    _watch(staff)
    due = way.due(news_at)
    for user_id in ReportWatch.objects.filter(due, user_id__in=staff).values_list("user_id", flat=True):
        with transaction.atomic():
            if ReportWatch.objects.filter(due, user_id=user_id).update(**{way.told: timezone.now()}):
                way.tell(user_id)


def _watch(staff: Iterable[UUID]) -> None:
    """A row for each of them."""
    new = set(staff) - set(ReportWatch.objects.values_list("user_id", flat=True))
    ReportWatch.objects.bulk_create([ReportWatch(user_id=user_id) for user_id in new], ignore_conflicts=True)


def _push(user_id: UUID) -> None:
    for subscription_id in pushed_to(user_id):
        push_report_alert.enqueue(str(user_id), str(subscription_id))


@task()
def push_report_alert(user_id: str, subscription_id: str) -> None:
    user = user_by_id(UUID(user_id))
    waiting = waiting_for(user)
    if waiting and _still_concerns(user.id) and UUID(subscription_id) in pushed_to(user.id):
        notice = partial(_notice, waiting)
        push_words_unless_quiet(UUID(subscription_id), notice, topic="reports", ttl_s=PUSHED_FOR_S)


def _notice(waiting: int, _hides_text: bool) -> dict[str, str]:
    """Nothing in it is to be hidden."""
    return {"tag": "reports", "title": gettext("New report"), "text": waiting_in_words(waiting), "url": QUEUE}


def waiting_in_words(count: int) -> str:
    return ngettext("%(count)d report is waiting", "%(count)d reports are waiting", count) % {"count": count}


def _write(user_id: UUID) -> None:
    send_report_letter.enqueue(str(user_id))


@task(priority=URGENT)
def send_report_letter(user_id: str) -> None:
    user = user_by_id(UUID(user_id))
    since, to = waiting_since(user), verified_email_of(user.id)
    if not to or since is None or not _still_concerns(user.id):
        return
    language = language_of(user)
    with override(language or get_language()):
        waiting = waiting_in_words(waiting_for(user))
    link = f"{settings.PUBLIC_ORIGIN}{QUEUE}" if settings.PUBLIC_ORIGIN else ""
    facts = {"name": user.display_name, "waiting": waiting, "since": since, "link": link}
    deliver("reports", to, facts, language=language)


def _still_concerns(user_id: UUID) -> bool:
    """They may have gone from the staff, and somebody may have taken all that waited."""
    now = timezone.now()
    rights = [right for newest, right in WHO.items() if newest(before=now)]
    return any(staff_with(f"chat_svc.{right}").filter(id=user_id).exists() for right in rights)


PUSH = Way("pushed_at", _push, every=dt.timedelta(minutes=5))
# By then somebody who is there has taken it; and who has looked at the list within the hour needs no letter.
LETTER = Way(
    "mailed_at",
    _write,
    every=dt.timedelta(hours=1),
    after=dt.timedelta(minutes=10),
    looked_within=dt.timedelta(hours=1),
)
