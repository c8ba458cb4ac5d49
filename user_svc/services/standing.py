"""Where somebody stands: when they were here, locked, silenced, banned, in charge."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from user_svc.errors import UserNotFound
from user_svc.models import ADMINISTRATORS, User
from user_svc.selectors import user_by_id

LAST_SEEN_EVERY = dt.timedelta(minutes=1)


def seen(user_ids: Iterable[UUID]) -> None:
    """Note when these people were last there; rarely, since nobody needs the second.

    A row that somebody else holds is passed over: waiting for it, with others in hand, could be a deadlock.
    """
    now = timezone.now()
    stale = User.objects.filter(id__in=list(user_ids)).exclude(last_seen_at__gt=now - LAST_SEEN_EVERY)
    with transaction.atomic():
        # Not the key: whoever stores a message of this person meanwhile refers to the row, and need not wait.
        free = stale.select_for_update(skip_locked=True, no_key=True)
        if ids := list(free.values_list("id", flat=True)):
            User.objects.filter(id__in=ids).update(last_seen_at=now)


def lock_person(*, user_id: UUID) -> User:
    """In a transaction: what else locks this person, or changes their row, comes before or after. Raises UserNotFound.

    Chats are locked before, sessions and all else of the person after. On SQLite the transaction has locked everybody
    already (BEGIN IMMEDIATE). Not the key: whoever stores a message of theirs refers to the row, and need not wait.
    """
    try:
        return User.objects.select_for_update(no_key=True).get(id=user_id)
    except User.DoesNotExist as problem:
        raise UserNotFound from problem


def lock_people(user_ids: Iterable[UUID]) -> None:
    """The same for several, in the order of their ids. Who is not there is passed over."""
    asked = User.objects.filter(id__in=list(user_ids)).order_by("id")
    list(asked.select_for_update(no_key=True).values_list("id"))


def ban(*, user_id: UUID) -> None:
    """Mark the person as banned everywhere; since when, stays as it was. Raises UserNotFound."""
    if not User.objects.filter(id=user_id, banned_at=None).update(banned_at=timezone.now()):
        user_by_id(user_id)


def unban(*, user_id: UUID) -> None:
    """Raises UserNotFound."""
    if not User.objects.filter(id=user_id).update(banned_at=None):
        raise UserNotFound


def silence(*, user_id: UUID, until: dt.datetime | None) -> None:
    """They, and their bots in their name, write nowhere until then; None: they write again. Raises UserNotFound."""
    if not User.objects.filter(Q(id=user_id) | Q(bot_owner_id=user_id)).update(silenced_until=until):
        raise UserNotFound


def make_administrator(*, user_id: UUID) -> None:
    """A member may do everything in the admin from now on. Raises UserNotFound (a guest cannot)."""
    appoint(user_id=user_id, group=ADMINISTRATORS)


def appoint(*, user_id: UUID, group: str) -> None:
    """To this group of staff and to no other. Raises UserNotFound for who has no account of their own."""
    with transaction.atomic():
        person = lock_person(user_id=user_id)
        if person.is_guest or person.is_bot:
            raise UserNotFound
        person.groups.set([Group.objects.get(name=group)])
        User.objects.filter(id=user_id).update(is_staff=True)


def dismiss(*, user_id: UUID) -> None:
    """They are staff no longer. Raises UserNotFound."""
    with transaction.atomic():
        lock_person(user_id=user_id).groups.clear()
        User.objects.filter(id=user_id).update(is_staff=False, is_superuser=False)
