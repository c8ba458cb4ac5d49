"""What auth_svc tells: the host of an invitation hears about it, the hub about ended sessions."""

from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from django.utils import timezone

from auth_svc.models import Invitation
from auth_svc.models.invitations import Status
from user_svc.selectors import UserJson

Deed = Literal["opened", "joined", "declined", "expired", "revoked"]


class InvitationEvent(TypedDict):
    type: str
    invitation: str
    chat: str
    status: Status
    uses: int
    max_uses: int | None
    user: NotRequired[UserJson]


def invitation_opened(invitation: Invitation) -> InvitationEvent:
    return _event("opened", invitation)


def invitation_joined(invitation: Invitation, user: UserJson) -> InvitationEvent:
    return {**_event("joined", invitation), "user": user}


def invitation_declined(invitation: Invitation) -> InvitationEvent:
    return _event("declined", invitation)


def invitation_expired(invitation: Invitation) -> InvitationEvent:
    return _event("expired", invitation)


def invitation_revoked(invitation: Invitation) -> InvitationEvent:
    return _event("revoked", invitation)


def _event(deed: Deed, invitation: Invitation) -> InvitationEvent:
    return {
        "type": f"invitation.{deed}",
        "invitation": str(invitation.id),
        "chat": str(invitation.chat_id),
        "status": invitation.status(timezone.now()),
        "uses": invitation.uses,
        "max_uses": invitation.max_uses,
    }


class SessionEvent(TypedDict):
    """For the hub alone, which closes the session's sockets; no client ever gets it."""

    type: Literal["session.ended"]
    session: str


def session_ended(session_id: UUID) -> SessionEvent:
    return {"type": "session.ended", "session": str(session_id)}


class BanEvent(TypedDict):
    """For the hub alone, which closes all of the person's sockets; no client ever gets it."""

    type: Literal["user.banned"]


def user_banned() -> BanEvent:
    return {"type": "user.banned"}
