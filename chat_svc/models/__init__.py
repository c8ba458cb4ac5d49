"""The tables of chat_svc: chats with their memberships, and messages."""

from chat_svc.models.chats import (
    MEMBERS_LIMIT,
    SLOW_MODE_LIMIT_S,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Chat,
    Kind,
    Membership,
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
    "Kind",
    "Membership",
    "Message",
    "Role",
    "State",
]
