"""What can be done with chats: the use cases, each one transaction, each telling who must know."""

from chat_svc.services.chats import close_chat, create_chat, erase_expired_chats, rename_chat
from chat_svc.services.members import (
    add_member,
    change_role,
    enrol,
    evict,
    leave_chat,
    lock_chats_of,
    merge_memberships,
    promote_memberships,
    remove_member,
)
from chat_svc.services.messages import (
    Sent,
    delete_message,
    edit_message,
    mark_read,
    send_message,
    send_message_async,
    start_typing,
    submit_message,
)

__all__ = [
    "Sent",
    "add_member",
    "change_role",
    "close_chat",
    "create_chat",
    "delete_message",
    "edit_message",
    "enrol",
    "erase_expired_chats",
    "evict",
    "leave_chat",
    "lock_chats_of",
    "mark_read",
    "merge_memberships",
    "promote_memberships",
    "remove_member",
    "rename_chat",
    "send_message",
    "send_message_async",
    "start_typing",
    "submit_message",
]
