"""Which browsers of a person are told things, and when a person wants quiet."""

import datetime as dt
import zoneinfo
from collections.abc import Collection
from typing import TypedDict
from uuid import UUID

from django.utils import timezone

from abdre.wire import Moment, utc
from user_svc.models import Preferences, PushSubscription, User


class PushSubscriptionJson(TypedDict):
    """`session`: the one that it goes with. `is_current`: that of the request."""

    id: str
    session: str
    created_at: Moment
    is_current: bool


def push_subscriptions(*, user_id: UUID, session_id: UUID) -> list[PushSubscriptionJson]:
    """The newest first."""
    own = PushSubscription.objects.filter(user_id=user_id).order_by("-created_at")
    return [push_subscription_json(one, session_id) for one in own]


def push_subscription_json(one: PushSubscription, session_id: UUID) -> PushSubscriptionJson:
    return {
        "id": str(one.id),
        "session": str(one.session),
        "created_at": utc(one.created_at),
        "is_current": one.session == session_id,
    }


def pushed_to(user_id: UUID) -> list[UUID]:
    """The person's browsers that are told things."""
    return list(PushSubscription.objects.filter(user_id=user_id).values_list("id", flat=True))


def with_push(user_ids: Collection[UUID]) -> bool:
    """Whether any of them has a browser that is told things."""
    return PushSubscription.objects.filter(user_id__in=user_ids).exists()


def is_quiet(preferences: Preferences, *, device_zone: str, now: dt.datetime | None = None) -> bool:
    """Whether the person wants quiet at this hour, by the zone that they have chosen, else by their device's."""
    begin, end = preferences.quiet_from, preferences.quiet_until
    if begin is None or end is None:
        return False
    zone = zoneinfo.ZoneInfo(preferences.time_zone or device_zone or "UTC")
    time = (now or timezone.now()).astimezone(zone).time()
    return begin <= time < end if begin <= end else time >= begin or time < end


def digest_readers(*, before: dt.datetime) -> list[User]:
    """Who wants letters about missed mentions, and got none since `before`; with their preferences."""
    wish = User.objects.filter(preferences__digest=True, is_active=True, banned_at=None, deactivated_at=None)
    due = wish.exclude(preferences__digest_at__gt=before).exclude(email=None)
    return list(due.select_related("preferences").order_by("id"))
