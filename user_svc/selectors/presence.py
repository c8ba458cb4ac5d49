"""Who is there, as far as they show it."""

import datetime as dt
from collections.abc import Iterable
from typing import TypedDict
from uuid import UUID

from abdre.wire import Moment, utc
from user_svc import presence
from user_svc.models import Profile, User
from user_svc.selectors.blocks import parted_from
from user_svc.selectors.visibility import peers


class PresenceJson(TypedDict):
    online: bool
    last_seen: Moment | None


def presence_of(*, user_ids: list[UUID], asked_by: UUID) -> dict[str, PresenceJson]:
    """Who of `user_ids` is there. Who shares no chat with the asker, or does not show it, is left out like unknown.

    So are bots, which are neither there nor away.
    """
    others = peers(user_id=asked_by, candidates=user_ids) - {asked_by}
    shown = others - hiding_presence(others) - parted_from(asked_by)
    visible = shown | ({asked_by} & set(user_ids))
    online = presence.online(visible)
    last_seen = dict(User.objects.filter(id__in=visible, is_bot=False).values_list("id", "last_seen_at"))
    return {str(user_id): _presence(user_id in online, seen) for user_id, seen in last_seen.items()}


def _presence(online: bool, last_seen_at: dt.datetime | None) -> PresenceJson:
    return {"online": online, "last_seen": utc(last_seen_at)}


def hiding_presence(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who do not show whether they are there."""
    hidden = Profile.objects.filter(user_id__in=list(user_ids), shows_presence=False)
    return set(hidden.values_list("user_id", flat=True))


def hiding_receipts(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who do not show how far they have read."""
    hidden = Profile.objects.filter(user_id__in=list(user_ids), shows_receipts=False)
    return set(hidden.values_list("user_id", flat=True))
