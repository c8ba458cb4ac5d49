"""The tables of auth_svc: sessions with their refresh tokens, and the ways to open one on another device or for a
program; invitations with their uses and knocks; archives; errors in browsers; what staff were told."""

from auth_svc.models.client_errors import ClientError
from auth_svc.models.device_codes import DeviceCode
from auth_svc.models.exports import Export
from auth_svc.models.invitations import Invitation, InvitationUse
from auth_svc.models.knocks import Knock
from auth_svc.models.recovery_links import RecoveryLink
from auth_svc.models.report_watches import ReportWatch
from auth_svc.models.sessions import RefreshToken, Session
from auth_svc.models.tokens import PersonalToken

__all__ = [
    "ClientError",
    "DeviceCode",
    "Export",
    "Invitation",
    "InvitationUse",
    "Knock",
    "PersonalToken",
    "RecoveryLink",
    "RefreshToken",
    "ReportWatch",
    "Session",
]
