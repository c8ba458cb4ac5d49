"""Who is on the staff: appointed by administrators, and dismissed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from chat_svc.errors import TargetProtected
from chat_svc.services.moderation import Deed, Right, Staff, note, require_right
from user_svc import services as users
from user_svc.errors import LastAdministrator, UserNotFound
from user_svc.selectors import ADMINISTRATORS, MODERATORS, administrators, user_by_id
from user_svc.services import NoticeKind, tell_staff_notice

if TYPE_CHECKING:
    from user_svc.models import User

TOLD = {MODERATORS: NoticeKind.MADE_MODERATOR, ADMINISTRATORS: NoticeKind.MADE_ADMINISTRATOR}


def appoint(*, by: Staff, user_id: UUID, group: str) -> None:
    """To this group and to no other; the rights act at once, a second factor is asked at the door.

    Raises NotStaff, UserNotFound for who has no account of their own, TargetProtected, ReasonMissing,
    LastAdministrator.
    """
    with transaction.atomic():
        _check(by, user_id)
        if group != ADMINISTRATORS:
            _keep_one_administrator_without(user_id)
        entry = note(by, Deed.APPOINTED, person_id=user_id, group=group)
        users.appoint(user_id=user_id, group=group)
        tell_staff_notice(user_id=user_id, kind=TOLD[group], reason=entry.reason)


def dismiss(*, by: Staff, user_id: UUID) -> None:
    """They have no rights at the next click.

    Raises NotStaff, UserNotFound for who is not on the staff, TargetProtected, ReasonMissing, LastAdministrator.
    """
    with transaction.atomic():
        if not _check(by, user_id).is_staff:
            raise UserNotFound
        _keep_one_administrator_without(user_id)
        entry = note(by, Deed.DISMISSED, person_id=user_id)
        users.dismiss(user_id=user_id)
        tell_staff_notice(user_id=user_id, kind=NoticeKind.DISMISSED, reason=entry.reason)


def _check(by: Staff, user_id: UUID) -> User:
    """Unlike other deeds this one reaches those who may as much: else nobody could dismiss an administrator.

    Nobody's own rights, and of who may everything only by one of the same.
    """
    # Locked before the right is asked for: of two who dismiss each other at once one stays.
    users.lock_people([by.id, user_id, *administrators().values_list("id", flat=True)])
    actor = require_right(by, Right.APPOINT_STAFF)
    target = user_by_id(user_id)
    if target.id == actor.id or (target.is_superuser and not actor.is_superuser):
        raise TargetProtected
    return target


def _keep_one_administrator_without(user_id: UUID) -> None:
    """Raises LastAdministrator. Whoever does this may be none: an operator's own user, with all rights."""
    staying = administrators().filter(is_active=True, banned_at=None, deletion_due_at=None)
    if list(staying.values_list("id", flat=True)[:2]) == [user_id]:
        raise LastAdministrator
