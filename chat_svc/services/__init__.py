"""What can be done with chats: the use cases, each one transaction, each telling who must know."""

from chat_svc.selectors.filtering import refresh_rules
from chat_svc.services.alerts import tell_staff, waiting_for, waiting_since
from chat_svc.services.attachments import (
    Upload,
    begin_upload,
    drop_upload,
    erase_dropped_files,
    receive_part,
    upload_of,
)
from chat_svc.services.bans import unban
from chat_svc.services.blocking import under_direct_chat
from chat_svc.services.chats import (
    ChatFacts,
    change_chat,
    close_chat,
    create_chat,
    erase_expired_chats,
    open_direct_chat,
)
from chat_svc.services.deliveries import deliver_to_hooks
from chat_svc.services.drafts import drop_draft, save_draft
from chat_svc.services.edits import forget_old_edits
from chat_svc.services.eras import begin_new_era
from chat_svc.services.exporting import ask_for_chat_export, forget_chat_exports
from chat_svc.services.firsts import newly_heard
from chat_svc.services.forwarding import forward_message
from chat_svc.services.holding import approve_held, drop_held, forget_held_messages, reject_held
from chat_svc.services.hook_posts import post_by_hook
from chat_svc.services.hooks import (
    MadeHook,
    create_incoming_hook,
    create_outgoing_hook,
    delete_hook,
    renew_hook_secret,
    renew_hook_token,
    switch_on,
)
from chat_svc.services.joining import join_chat
from chat_svc.services.keeping import forget_kept_messages
from chat_svc.services.leaving import erase_messages, forget_name, leave_chats
from chat_svc.services.members import (
    add_member,
    change_role,
    enrol,
    evict,
    leave_chat,
    remove_member,
)
from chat_svc.services.merging import lock_chats_of, merge_memberships, promote_memberships
from chat_svc.services.messages import (
    Held,
    Sent,
    delete_message,
    edit_message,
    send_message,
    submit_message,
)
from chat_svc.services.notices import push_news, watch_chats_of
from chat_svc.services.ownership import transfer_chat
from chat_svc.services.pictures import remove_chat_picture, set_chat_picture
from chat_svc.services.pins import pin
from chat_svc.services.preferences import PreferenceFacts, prefer
from chat_svc.services.previews import remove_preview
from chat_svc.services.reactions import react
from chat_svc.services.reading import clear_chat, mark_read, mark_read_all, mark_unread, start_typing, start_typing_all
from chat_svc.services.reminders import drop_reminder, forget_told_reminders, remind, tell_reminders
from chat_svc.services.reports import forget_closed_reports, report_invitation, report_message, report_target
from chat_svc.services.retention import prune, prune_messages
from chat_svc.services.scheduling import (
    ScheduledFacts,
    cancel_scheduled,
    change_scheduled,
    schedule_message,
    send_scheduled_messages,
    send_scheduled_now,
)
from chat_svc.services.sealing import seal_search_blocks

__all__ = [
    "ChatFacts",
    "Held",
    "MadeHook",
    "PreferenceFacts",
    "ScheduledFacts",
    "Sent",
    "Upload",
    "add_member",
    "approve_held",
    "ask_for_chat_export",
    "begin_new_era",
    "begin_upload",
    "cancel_scheduled",
    "change_chat",
    "change_role",
    "change_scheduled",
    "clear_chat",
    "close_chat",
    "create_chat",
    "create_incoming_hook",
    "create_outgoing_hook",
    "delete_hook",
    "delete_message",
    "deliver_to_hooks",
    "drop_draft",
    "drop_held",
    "drop_reminder",
    "drop_upload",
    "edit_message",
    "enrol",
    "erase_dropped_files",
    "erase_expired_chats",
    "erase_messages",
    "evict",
    "forget_chat_exports",
    "forget_closed_reports",
    "forget_held_messages",
    "forget_kept_messages",
    "forget_name",
    "forget_old_edits",
    "forget_told_reminders",
    "forward_message",
    "join_chat",
    "leave_chat",
    "leave_chats",
    "lock_chats_of",
    "mark_read",
    "mark_read_all",
    "mark_unread",
    "merge_memberships",
    "newly_heard",
    "open_direct_chat",
    "pin",
    "post_by_hook",
    "prefer",
    "promote_memberships",
    "prune",
    "prune_messages",
    "push_news",
    "react",
    "receive_part",
    "refresh_rules",
    "reject_held",
    "remind",
    "remove_chat_picture",
    "remove_member",
    "remove_preview",
    "renew_hook_secret",
    "renew_hook_token",
    "report_invitation",
    "report_message",
    "report_target",
    "save_draft",
    "schedule_message",
    "seal_search_blocks",
    "send_message",
    "send_scheduled_messages",
    "send_scheduled_now",
    "set_chat_picture",
    "start_typing",
    "start_typing_all",
    "submit_message",
    "switch_on",
    "tell_reminders",
    "tell_staff",
    "transfer_chat",
    "unban",
    "under_direct_chat",
    "upload_of",
    "waiting_for",
    "waiting_since",
    "watch_chats_of",
]
