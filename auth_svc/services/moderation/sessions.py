"""Staff signs somebody out everywhere."""

from uuid import UUID

from django.db import transaction

from auth_svc.services import sessions
from chat_svc.services.moderation import Deed, Right, Staff, check_target, note, require_right
from user_svc.services import NoticeKind, tell_staff_notice


def end_sessions(*, by: Staff, user_id: UUID) -> int:
    """Their programs and bots are out too; how many sessions ended. They read why when they have signed in again.

    Raises NotStaff, UserNotFound, TargetProtected, ReasonMissing.
    """
    target = check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        ended = sessions.end_sessions(user_id=target.id)
        entry = note(by, Deed.SESSIONS_ENDED, person_id=target.id, sessions=ended)
        tell_staff_notice(user_id=target.id, kind=NoticeKind.SESSIONS_ENDED, reason=entry.reason)
    return ended
