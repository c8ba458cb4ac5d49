"""Who sees whom, and whether they are there."""

import datetime as dt
from collections.abc import Iterable
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from abdre.wire import Moment, utc
from user_svc import presence
from user_svc.errors import UserNotFound
from user_svc.models import User, name_key
from user_svc.selectors.people import user_by_id

SEARCH_LIMIT = 20


class PresenceJson(TypedDict):
    online: bool
    last_seen: Moment | None


def visible_user(*, user_id: UUID, asked_by: UUID) -> User:
    """Somebody's card: one's own, a member's, or a guest's one shares a chat with. Raises UserNotFound."""
    user = user_by_id(user_id)
    if user.is_guest and user_id != asked_by and not peers(user_id=asked_by, candidates=[user_id]):
        raise UserNotFound
    asker = user_by_id(asked_by)
    if asker.is_guest and user_id != asked_by and not peers(user_id=asked_by, candidates=[user_id]):
        raise UserNotFound
    return user


def search(query: str) -> list[User]:
    """Members whose user name begins with, or whose display name contains `query`; never guests, never by e-mail."""
    members = User.objects.filter(
        is_guest=False, is_active=True, banned_at=None, deactivated_at=None, deletion_due_at=None
    )
    wanted = name_key(query)
    by_name = members.filter(Q(username_key__startswith=wanted) | Q(display_name_key__contains=wanted))
    return list(by_name.order_by("username")[:SEARCH_LIMIT])


def peers(*, user_id: UUID, candidates: Iterable[UUID]) -> set[UUID]:
    """Those of `candidates` who share a chat with the person; chat_svc, above us, is asked by the settings' word."""
    found: set[UUID] = import_string(settings.PEER_VISIBILITY)(user_id, set(candidates))
    return found


def presence_of(*, user_ids: list[UUID], asked_by: UUID) -> dict[str, PresenceJson]:
    """Who of `user_ids` is there. People who share no chat with the asker are left out like unknown ones."""
    visible = peers(user_id=asked_by, candidates=user_ids) | ({asked_by} & set(user_ids))
    online = presence.online(visible)
    last_seen = dict(User.objects.filter(id__in=visible).values_list("id", "last_seen_at"))
    return {str(user_id): _presence(user_id in online, seen) for user_id, seen in last_seen.items()}


def _presence(online: bool, last_seen_at: dt.datetime | None) -> PresenceJson:
    return {"online": online, "last_seen": utc(last_seen_at)}
