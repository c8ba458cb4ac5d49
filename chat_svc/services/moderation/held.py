"""Staff decides on what is held; each decision is one entry of the log."""

from uuid import UUID

from django.db import transaction

from chat_svc.models import Deed, HeldMessage, HeldState, Right
from chat_svc.selectors.held import held_for_staff
from chat_svc.services.holding import found, keep_back, let_through
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.staff import Staff, require_right


def approve_held_message(*, by: Staff, held_id: UUID) -> None:
    """Raises NotStaff, HeldNotFound, AlreadyDecided, and what the writer refuses."""
    held = _found(by, held_id)
    let_through(held, by=by.id, noted=lambda message: _note(by, Deed.HELD_APPROVED, held, seq=message.seq))


def reject_held_message(*, by: Staff, held_id: UUID) -> None:
    """Raises NotStaff, HeldNotFound, AlreadyDecided, ReasonMissing."""
    held = _found(by, held_id)
    with transaction.atomic():
        keep_back(held, HeldState.REJECTED, by=by.id)
        _note(by, Deed.HELD_REJECTED, held)


def _found(by: Staff, held_id: UUID) -> HeldMessage:
    require_right(by, Right.MODERATE_MESSAGES)
    if not held_for_staff().filter(id=held_id).exists():
        return found(held_id, chat_id=None)  # not theirs to see: it is not there
    return found(held_id)


def _note(by: Staff, deed: Deed, held: HeldMessage, *, seq: int = 0) -> None:
    note(by, deed, person_id=held.sender_id, chat_id=held.chat_id, seq=seq, target_id=held.id, why=held.why)
