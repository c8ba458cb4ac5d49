"""Staff lets a person know what was done to them, and why; the person says that they have read it."""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from abdre.cache import forget_changed, own_card
from abdre.events import publish, user_group
from user_svc.errors import NoticeNotFound
from user_svc.events import notice_created, notice_seen
from user_svc.models import NoticeKind as NoticeKind
from user_svc.models import StaffNotice

SEEN_KEPT = dt.timedelta(days=180)


def tell_staff_notice(
    *, user_id: UUID, kind: NoticeKind, reason: str, chat_id: UUID | None = None, until: dt.datetime | None = None
) -> StaffNotice:
    """Part of the caller's transaction. chat_svc, above us, is asked for the chat's title by the settings' word."""
    title = import_string(settings.TITLE_OF_CHAT)(chat_id) if chat_id else ""
    notice = StaffNotice.objects.create(
        user_id=user_id, kind=kind, reason=reason, chat_id=chat_id, chat_title=title, until=until
    )
    forget_changed(own_card(user_id))
    publish(user_group(user_id), notice_created(notice))
    return notice


def note_seen(*, user_id: UUID, notice_id: int) -> None:
    """The person has read it; again is no harm. Raises NoticeNotFound."""
    own = StaffNotice.objects.filter(user_id=user_id, id=notice_id)
    with transaction.atomic():
        if own.filter(seen_at=None).update(seen_at=timezone.now()):
            forget_changed(own_card(user_id))
            publish(user_group(user_id), notice_seen(notice_id))
        elif not own.exists():
            raise NoticeNotFound


def forget_title_of_chat(chat_id: UUID) -> None:
    """The chat is erased; what was said to people about it stays, its name does not."""
    about_it = StaffNotice.objects.filter(chat_id=chat_id)
    on_cards = set(about_it.filter(seen_at=None).values_list("user_id", flat=True))
    about_it.update(chat_title="")
    for user_id in on_cards:
        forget_changed(own_card(user_id))


def old_staff_notices() -> QuerySet[StaffNotice]:
    """Those that their people have seen long ago."""
    return StaffNotice.objects.filter(seen_at__lt=timezone.now() - SEEN_KEPT)


def forget_seen_staff_notices() -> int:
    """Answers how many. Called by the clock."""
    return old_staff_notices().delete()[0]
