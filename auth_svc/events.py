"""What auth_svc tells: the host of an invitation hears about it, the hub about ended sessions."""

from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from django.utils import timezone

from auth_svc.models import Invitation
from auth_svc.models.invitations import Status
from user_svc.selectors import UserJson

# What is counted of ways in (abdre.tally).
LOGINS_FAILED = "logins.failed"

Deed = Literal["opened", "joined", "declined", "waiting", "expired", "revoked"]


class InvitationEvent(TypedDict):
    """`chat` null: a chat with the host. `title` and `label` in `waiting`, whose host may be looking at anything."""

    type: str
    invitation: str
    chat: str | None
    status: Status
    uses: int
    max_uses: int | None
    user: NotRequired[UserJson]
    title: NotRequired[str]
    label: NotRequired[str]


class KnockEndedEvent(TypedDict):
    """For the hosts and for `user`, who knocked."""

    type: Literal["knock.ended"]
    invitation: str
    chat: str | None
    user: str
    state: str


def invitation_opened(invitation: Invitation) -> InvitationEvent:
    return _event("opened", invitation)


def invitation_joined(invitation: Invitation, user: UserJson, *, chat_id: UUID) -> InvitationEvent:
    """`chat_id`: where they are now, also by a code without a chat."""
    return {**_event("joined", invitation), "chat": str(chat_id), "user": user}


def invitation_waiting(invitation: Invitation, user: UserJson) -> InvitationEvent:
    title = invitation.chat.title if invitation.chat else ""
    return {**_event("waiting", invitation), "user": user, "title": title, "label": invitation.label}


def knock_ended(invitation: Invitation, user_id: UUID, state: str) -> KnockEndedEvent:
    return {
        "type": "knock.ended",
        "invitation": str(invitation.id),
        "chat": _chat_of(invitation),
        "user": str(user_id),
        "state": state,
    }


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
        "chat": _chat_of(invitation),
        "status": invitation.status(timezone.now()),
        "uses": invitation.uses,
        "max_uses": invitation.max_uses,
    }


def _chat_of(invitation: Invitation) -> str | None:
    return str(invitation.chat_id) if invitation.chat_id else None


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
