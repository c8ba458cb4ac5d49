"""The tables of auth_svc: sessions with their refresh tokens; invitations with their uses; errors in browsers."""

from auth_svc.models.client_errors import ClientError
from auth_svc.models.invitations import Invitation, InvitationUse
from auth_svc.models.sessions import RefreshToken, Session

__all__ = ["ClientError", "Invitation", "InvitationUse", "RefreshToken", "Session"]
