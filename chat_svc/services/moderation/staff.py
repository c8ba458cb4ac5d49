"""Who of the staff acts, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from chat_svc.errors import NotAllowed, NotStaff, TargetProtected
from chat_svc.models import Right as Right
from user_svc.selectors import STAFF_ID, administrators, user_by_id

if TYPE_CHECKING:
    from user_svc.models import User


@dataclass(frozen=True)
class Staff:
    """`address`: the network's prefix. `report_id`: what it is done about."""

    id: UUID
    reason: str = ""
    address: str = ""
    report_id: UUID | None = None


def require_right(by: Staff, right: Right) -> User:
    """The person of the staff. Raises NotStaff."""
    person = user_by_id(by.id)
    if not may(person, right):
        raise NotStaff
    return person


def may(person: User, right: Right) -> bool:
    is_staff = person.is_staff and person.is_active and person.banned_at is None
    return is_staff and person.has_perm(f"chat_svc.{right}")


def check_target(actor: User, user_id: UUID) -> User:
    """The person to whom `actor` does something: not themselves, nor the account by which staff acts, and of the staff
    nobody who may as much as they.

    Raises UserNotFound, TargetProtected.
    """
    target = user_by_id(user_id)
    if target.id in (actor.id, STAFF_ID) or not _reaches(actor, target):
        raise TargetProtected
    return target


def refuse_webhook(target: User) -> None:
    """What is said by it is said by leave of whoever manages its chat. Raises NotAllowed."""
    if is_webhook(target):
        raise NotAllowed(_("A webhook is stopped by removing it from its chat."))


def is_webhook(person: User) -> bool:
    return person.is_bot and person.bot_owner_id is None


def _reaches(actor: User, target: User) -> bool:
    """Administrators are out of each other's reach, and of moderators', also while they are banned or closed."""
    if actor.is_superuser or not (target.is_staff or target.is_superuser):
        return True
    return may(actor, Right.APPOINT_STAFF) and not administrators().filter(id=target.id).exists()
