"""The tables of auth_svc: sessions with their refresh tokens; invitations with their uses."""

from auth_svc.models.invitations import Invitation, InvitationUse
from auth_svc.models.sessions import RefreshToken, Session

__all__ = ["Invitation", "InvitationUse", "RefreshToken", "Session"]
