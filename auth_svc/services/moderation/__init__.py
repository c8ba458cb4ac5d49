"""What staff does to accounts, codes and sessions, and to staff itself; the deeds on chats are chat_svc's."""

from auth_svc.services.moderation.bans import ban, unban
from auth_svc.services.moderation.codes import revoke_code, revoke_codes_of_chat, revoke_codes_of_person
from auth_svc.services.moderation.sessions import end_sessions
from auth_svc.services.moderation.staff import appoint, dismiss

__all__ = [
    "appoint",
    "ban",
    "dismiss",
    "end_sessions",
    "revoke_code",
    "revoke_codes_of_chat",
    "revoke_codes_of_person",
    "unban",
]
