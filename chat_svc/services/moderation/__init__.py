"""What staff does to messages, people and chats: each deed checks the right, acts, and is noted, in one transaction."""

from chat_svc.services.moderation.log import REASON_LIMIT, Deed, last_deed, note
from chat_svc.services.moderation.looking import note_look_at_chat
from chat_svc.services.moderation.people import warn
from chat_svc.services.moderation.staff import Right, Staff, check_target, may, require_right

__all__ = [
    "REASON_LIMIT",
    "Deed",
    "Right",
    "Staff",
    "check_target",
    "last_deed",
    "may",
    "note",
    "note_look_at_chat",
    "require_right",
    "warn",
]
