"""Deeds on a person that touch no chat of theirs."""

from uuid import UUID

from django.db import transaction

from chat_svc.models import Deed, ModerationEntry, Right
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.staff import Staff, check_target, require_right
from user_svc.services import NoticeKind, tell_staff_notice


def warn(*, by: Staff, user_id: UUID) -> ModerationEntry:
    """The person reads the reason, and nobody else. Raises NotStaff, UserNotFound, TargetProtected, ReasonMissing."""
    actor = require_right(by, Right.MODERATE_PEOPLE)
    target = check_target(actor, user_id)
    with transaction.atomic():
        entry = note(by, Deed.WARNED, person_id=target.id)
        tell_staff_notice(user_id=target.id, kind=NoticeKind.WARNED, reason=entry.reason)
    return entry
