"""Questions to auth_svc, by subject: sessions, invitations."""

from auth_svc.selectors.places import place_of
from auth_svc.selectors.sessions import ended_among, session_is_alive, session_json, sessions_of, was_signed_in_at

__all__ = ["ended_among", "place_of", "session_is_alive", "session_json", "sessions_of", "was_signed_in_at"]
