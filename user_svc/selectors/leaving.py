"""Who is to go."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from user_svc.models import User

DELETIONS_AT_ONCE = 100
# Longer than a job is tried again; what has not ended then is begun once more.
DELETION_TAKES = dt.timedelta(hours=6)
# What a person is called who is there no more.
DELETED_NAME = _("Deleted account")


def due_for_deletion(now: dt.datetime) -> list[UUID]:
    """Whose time of grace is over, the longest first, also those whose deletion has begun and should have ended."""
    due = User.objects.filter(deletion_due_at__lte=now, deleted_at=None)
    waiting = due.exclude(deletion_begun_at__gt=now - DELETION_TAKES)
    return list(waiting.order_by("deletion_due_at").values_list("id", flat=True)[:DELETIONS_AT_ONCE])


def guests_unseen_since(moment: dt.datetime, *, except_: Any) -> list[UUID]:
    """Guests who came before `moment` and were not there after it. `except_`: ids, or a query for them."""
    unseen = User.objects.filter(is_guest=True, deleted_at=None, deletion_due_at=None, date_joined__lt=moment)
    idle = unseen.exclude(last_seen_at__gte=moment).exclude(id__in=except_)
    return list(idle.order_by("date_joined").values_list("id", flat=True)[:DELETIONS_AT_ONCE])
