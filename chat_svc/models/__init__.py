"""The tables of chat_svc: chats with their memberships, and messages."""

from chat_svc.models.chats import (
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
)
from chat_svc.models.messages import BODY_LIMIT, Message

__all__ = [
    "BODY_LIMIT",
    "MEMBERS_LIMIT",
    "SLOW_MODE_LIMIT_S",
    "TITLE_LIMIT",
    "TOPIC_LIMIT",
    "Chat",
    "GuestRule",
    "Kind",
    "Membership",
    "Message",
    "Notify",
    "Role",
    "State",
]
