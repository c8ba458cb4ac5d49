"""Looking at what only the operator's setting opens to moderators: each look is noted."""

from uuid import UUID

from chat_svc.models import Deed, ModerationEntry, Right
from chat_svc.selectors.for_staff import chats_in_view
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.staff import Staff, may, require_right


def note_look_at_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry | None:
    """None where the chat is in view anyway. Raises NotStaff."""
    actor = require_right(by, Right.MODERATE_CHATS)
    if may(actor, Right.SEE_SYSTEM) or chats_in_view().filter(id=chat_id).exists():
        return None
    return note(by, Deed.LOOKED, chat_id=chat_id)
