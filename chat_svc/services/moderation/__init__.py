"""What staff does to messages, people and chats: each deed checks the right, acts, and is noted, in one transaction."""

from chat_svc.services.moderation.chats import close_chat, lock_chat, reopen_chat, slow_chat, unlock_chat
from chat_svc.services.moderation.held import approve_held_message, reject_held_message
from chat_svc.services.moderation.log import REASON_LIMIT, Deed, last_deed, note, note_export
from chat_svc.services.moderation.looking import (
    look_at_held,
    look_at_report,
    look_at_words,
    note_look_at_chat,
    read_chat,
    read_edits,
)
from chat_svc.services.moderation.members import ban_from_chat, remove_member, silence, unban_from_chat, unsilence
from chat_svc.services.moderation.messages import delete_messages, delete_messages_of, is_under_way
from chat_svc.services.moderation.people import warn
from chat_svc.services.moderation.reports import (
    UNDOABLE,
    claim_report,
    delete_reported_message,
    escalate_report,
    is_administrator,
    reject_report,
    release_report,
    reopen_report,
    resolve_report,
)
from chat_svc.services.moderation.restoring import restore_messages
from chat_svc.services.moderation.rules import RULE_LIMIT, add_rule, change_rule, remove_rule, try_rule
from chat_svc.services.moderation.staff import (
    Right,
    Staff,
    check_target,
    is_webhook,
    may,
    refuse_webhook,
    require_right,
)

__all__ = [
    "REASON_LIMIT",
    "RULE_LIMIT",
    "UNDOABLE",
    "Deed",
    "Right",
    "Staff",
    "add_rule",
    "approve_held_message",
    "ban_from_chat",
    "change_rule",
    "check_target",
    "claim_report",
    "close_chat",
    "delete_messages",
    "delete_messages_of",
    "delete_reported_message",
    "escalate_report",
    "is_administrator",
    "is_under_way",
    "is_webhook",
    "last_deed",
    "lock_chat",
    "look_at_held",
    "look_at_report",
    "look_at_words",
    "may",
    "note",
    "note_export",
    "note_look_at_chat",
    "read_chat",
    "read_edits",
    "refuse_webhook",
    "reject_held_message",
    "reject_report",
    "release_report",
    "remove_member",
    "remove_rule",
    "reopen_chat",
    "reopen_report",
    "require_right",
    "resolve_report",
    "restore_messages",
    "silence",
    "slow_chat",
    "try_rule",
    "unban_from_chat",
    "unlock_chat",
    "unsilence",
    "warn",
]
