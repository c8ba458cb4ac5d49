"""Use cases of auth_svc, by subject: sessions, accounts, invitations."""

from auth_svc.services.accounts import be_guest, bring_along, create_administrator, register, sign_in
from auth_svc.services.sessions import (
    Tokens,
    end_session,
    end_sessions,
    is_welcome,
    open_session,
    renew,
    rotate,
    sign_out,
)

__all__ = [
    "Tokens",
    "be_guest",
    "bring_along",
    "create_administrator",
    "end_session",
    "end_sessions",
    "is_welcome",
    "open_session",
    "register",
    "renew",
    "rotate",
    "sign_in",
    "sign_out",
]
