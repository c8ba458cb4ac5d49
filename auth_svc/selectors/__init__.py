"""Questions to auth_svc, by subject: sessions, invitations."""

from auth_svc.selectors.sessions import session_is_alive

__all__ = ["session_is_alive"]
