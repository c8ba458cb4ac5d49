"""Questions to auth_svc, by subject: sessions, addresses, factors, places, invitations."""

from auth_svc.selectors.emails import holder_of
from auth_svc.selectors.factors import factors_of
from auth_svc.selectors.places import place_of
from auth_svc.selectors.previews import invitations_of, sees_invitation
from auth_svc.selectors.sessions import ended_among, session_is_alive, session_json, sessions_of, was_signed_in_at

__all__ = [
    "ended_among",
    "factors_of",
    "holder_of",
    "invitations_of",
    "place_of",
    "sees_invitation",
    "session_is_alive",
    "session_json",
    "sessions_of",
    "was_signed_in_at",
]
