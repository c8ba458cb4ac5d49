"""Questions about chats; each answers only what the asking person may see."""

from chat_svc.models import in_one_era
from chat_svc.selectors.archive import own_files, own_memberships, own_messages
from chat_svc.selectors.attachments import (
    VARIANTS,
    FilePage,
    Served,
    files_of,
    files_still_there,
    served,
    signed_for,
    signed_for_staff,
)
from chat_svc.selectors.changes import CHAT_LIMIT, Changes, changes, room_changes
from chat_svc.selectors.chats import (
    banned,
    chat_detail,
    chat_list,
    chat_summary,
    direct_chat_between,
    doors_of,
    is_a_members_name,
    is_taken_in,
    may_invite,
    members,
    membership_or_refusal,
    title_of_chat,
    who_lets_in,
)
from chat_svc.selectors.dates import first_of_day
from chat_svc.selectors.discovering import PublicPage, picture_of, public_chats
from chat_svc.selectors.edits import edits
from chat_svc.selectors.held import HeldPage, held_for_staff, held_in_chat, own_held
from chat_svc.selectors.membership_log import LogPage, membership_log
from chat_svc.selectors.messages import messages, thread
from chat_svc.selectors.missed import Missed, missed_mentions, with_missed_mentions
from chat_svc.selectors.moves import moved_heads
from chat_svc.selectors.pins import pinned_messages
from chat_svc.selectors.places import (
    active_members,
    blocked_among,
    created_events,
    heads,
    heads_of,
    heads_of_all,
    member_counts,
    members_among,
    memberships_of,
    peers_of,
)
from chat_svc.selectors.reactions import reactions
from chat_svc.selectors.readable import readable_from
from chat_svc.selectors.reminders import reminders
from chat_svc.selectors.resuming import Cursors, Resumed, resume
from chat_svc.selectors.scheduled import scheduled_messages
from chat_svc.selectors.searching import search
from chat_svc.selectors.unread import NOTHING, Counts, counts_after
from chat_svc.selectors.waiting_reports import newest_escalation, newest_untaken

__all__ = [
    "CHAT_LIMIT",
    "NOTHING",
    "VARIANTS",
    "Changes",
    "Counts",
    "Cursors",
    "FilePage",
    "HeldPage",
    "LogPage",
    "Missed",
    "PublicPage",
    "Resumed",
    "Served",
    "active_members",
    "banned",
    "blocked_among",
    "changes",
    "chat_detail",
    "chat_list",
    "chat_summary",
    "counts_after",
    "created_events",
    "direct_chat_between",
    "doors_of",
    "edits",
    "files_of",
    "files_still_there",
    "first_of_day",
    "heads",
    "heads_of",
    "heads_of_all",
    "held_for_staff",
    "held_in_chat",
    "in_one_era",
    "is_a_members_name",
    "is_taken_in",
    "may_invite",
    "member_counts",
    "members",
    "members_among",
    "membership_log",
    "membership_or_refusal",
    "memberships_of",
    "messages",
    "missed_mentions",
    "moved_heads",
    "newest_escalation",
    "newest_untaken",
    "own_files",
    "own_held",
    "own_memberships",
    "own_messages",
    "peers_of",
    "picture_of",
    "pinned_messages",
    "public_chats",
    "reactions",
    "readable_from",
    "reminders",
    "resume",
    "room_changes",
    "scheduled_messages",
    "search",
    "served",
    "signed_for",
    "signed_for_staff",
    "thread",
    "title_of_chat",
    "who_lets_in",
    "with_missed_mentions",
]
