"""Each deed of the staff is one entry, written in the deed's own transaction."""

from typing import Any
from uuid import UUID

from chat_svc.errors import ReasonMissing
from chat_svc.models import REASON_LIMIT as REASON_LIMIT
from chat_svc.models import Deed as Deed
from chat_svc.models import ModerationEntry
from chat_svc.services.moderation.staff import Right, Staff, require_right

# What is seen and sorted needs no reason; what is done to somebody does.
WITHOUT_REASON = {
    Deed.LOOKED,
    Deed.REPORT_CLAIMED,
    Deed.REPORT_RELEASED,
    Deed.HELD_APPROVED,
    Deed.RULE_ADDED,
    Deed.RULE_CHANGED,
    Deed.RULE_REMOVED,
    Deed.LOG_EXPORTED,
}


def note(
    by: Staff,
    deed: Deed,
    *,
    person_id: UUID | None = None,
    chat_id: UUID | None = None,
    seq: int = 0,
    target_id: UUID | None = None,
    undoes: int | None = None,
    **details: Any,
) -> ModerationEntry:
    """`details`: ids and numbers; no words of anybody's, which would outlive their chat. Raises ReasonMissing."""
    reason = by.reason.strip()
    if len(reason) > REASON_LIMIT or "\0" in reason or not (reason or deed in WITHOUT_REASON):
        raise ReasonMissing
    return ModerationEntry.objects.create(
        actor_id=by.id,
        address=by.address,
        reason=reason,
        report_id=by.report_id,
        deed=deed,
        person_id=person_id,
        chat_id=chat_id,
        seq=seq,
        target_id=target_id,
        undoes=undoes,
        details=details,
    )


def last_deed(deed: Deed, **of: UUID | None) -> int | None:
    """The entry that is taken back now: the newest such deed on this person or chat, unless it was already."""
    found = ModerationEntry.objects.filter(deed=deed, **of).order_by("-id").values_list("id", flat=True).first()
    return None if found is None or ModerationEntry.objects.filter(undoes=found).exists() else found


def note_export(*, by: Staff) -> ModerationEntry:
    """Before the log is taken along; what comes after this entry is not in it. Raises NotStaff."""
    require_right(by, Right.EXPORT_LOG)
    return note(by, Deed.LOG_EXPORTED)
