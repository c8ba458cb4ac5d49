"""The tables of chat_svc: chats with their memberships, messages with what is noted about them, the search's blocks."""

from chat_svc.models.attachments import (
    NAME_LIMIT,
    PER_MESSAGE,
    PREVIEW_POSITION,
    UNSENT_LIMIT,
    VOICE_LIMIT_MS,
    Attachment,
    Progress,
)
from chat_svc.models.chats import (
    ERA,
    KEEPS_DAYS_LIMIT,
    MEMBERS_LIMIT,
    SLOW_MODE_LIMIT_S,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Chat,
    GuestRule,
    Kind,
    Membership,
    Notify,
    Role,
    State,
    in_one_era,
)
from chat_svc.models.drafts import Draft
from chat_svc.models.exports import ChatExport
from chat_svc.models.filter_rules import FilterRule
from chat_svc.models.held import DECIDED_KEPT, OF_CHAT, WAITING_LIMIT, WAITS, HeldMessage, HeldState, HeldWhy
from chat_svc.models.hooks import HOOK_NAME_LIMIT, Delivery, IncomingHook, OutgoingHook
from chat_svc.models.kept import KeptMessage
from chat_svc.models.membership_log import LOG_LIMIT, EntryKind, MembershipEntry
from chat_svc.models.mentions import Mention
from chat_svc.models.messages import BODY_LIMIT, Message, MessageKind
from chat_svc.models.moderation import REASON_LIMIT, Deed, ModerationEntry, Right
from chat_svc.models.notices import Notice, Watch
from chat_svc.models.pins import PINS_LIMIT, Pin
from chat_svc.models.reminders import REMINDERS_LIMIT, Reminder
from chat_svc.models.reports import NOTE_LIMIT, WAITING, Reason, Report, ReportState, TargetKind
from chat_svc.models.scheduled import SCHEDULED_LIMIT, ScheduledMessage
from chat_svc.models.search import MESSAGES_PER_BLOCK, Block, Entry, SearchBlock
from chat_svc.models.traces import MessageEdit, Reaction

__all__ = [
    "BODY_LIMIT",
    "DECIDED_KEPT",
    "ERA",
    "HOOK_NAME_LIMIT",
    "KEEPS_DAYS_LIMIT",
    "LOG_LIMIT",
    "MEMBERS_LIMIT",
    "MESSAGES_PER_BLOCK",
    "NAME_LIMIT",
    "NOTE_LIMIT",
    "OF_CHAT",
    "PER_MESSAGE",
    "PINS_LIMIT",
    "PREVIEW_POSITION",
    "REASON_LIMIT",
    "REMINDERS_LIMIT",
    "SCHEDULED_LIMIT",
    "SLOW_MODE_LIMIT_S",
    "TITLE_LIMIT",
    "TOPIC_LIMIT",
    "UNSENT_LIMIT",
    "VOICE_LIMIT_MS",
    "WAITING",
    "WAITING_LIMIT",
    "WAITS",
    "Attachment",
    "Block",
    "Chat",
    "ChatExport",
    "Deed",
    "Delivery",
    "Draft",
    "Entry",
    "EntryKind",
    "FilterRule",
    "GuestRule",
    "HeldMessage",
    "HeldState",
    "HeldWhy",
    "IncomingHook",
    "KeptMessage",
    "Kind",
    "Membership",
    "MembershipEntry",
    "Mention",
    "Message",
    "MessageEdit",
    "MessageKind",
    "ModerationEntry",
    "Notice",
    "Notify",
    "OutgoingHook",
    "Pin",
    "Progress",
    "Reaction",
    "Reason",
    "Reminder",
    "Report",
    "ReportState",
    "Right",
    "Role",
    "ScheduledMessage",
    "SearchBlock",
    "State",
    "TargetKind",
    "Watch",
    "in_one_era",
]
