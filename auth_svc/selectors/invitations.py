"""Questions about invitations: the host's view with its tracker, and what a code says to whoever holds it."""

from datetime import timedelta
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from django.utils import timezone

from abdre.errors import AppError
from abdre.wire import Id, Moment, utc
from auth_svc.errors.invitations import InvitationUnknown, QrUnavailable
from auth_svc.models import Invitation
from auth_svc.models.invitations import Status
from chat_svc.errors import ChatNotFound
from chat_svc.events import SummaryJson
from chat_svc.selectors import active_members, chat_summary, may_invite
from chat_svc.selectors.chats import membership_or_refusal
from user_svc.selectors import UserJson, user_json

LIST_LIMIT = 100

State = Literal["active", "expired", "revoked", "used_up", "chat_over"]


class InvitationJson(TypedDict):
    """`url` and `token` stand in the answer that makes it, `people` in the one that shows it alone."""

    id: Id
    chat: Id
    label: str
    guests: bool
    created_at: Moment
    expires_at: Moment | None
    ttl_s: int | None
    max_uses: int | None
    uses: int
    declined: int
    opened_at: Moment | None
    status: Status
    qr_svg: str
    qr_png: str
    people: NotRequired[list["UseJson"]]
    url: NotRequired[str]
    token: NotRequired[str]


class UseJson(TypedDict):
    user: UserJson
    joined_at: Moment
    active: bool


class InviterJson(TypedDict):
    display_name: str
    is_guest: bool


class PreviewChatJson(TypedDict):
    title: str
    kind: str
    member_count: int
    expires_at: Moment | None


class PreviewJson(TypedDict):
    """A dead code says only why it is dead."""

    state: State
    expires_at: NotRequired[Moment | None]
    guests: NotRequired[bool]
    inviter: NotRequired[InviterJson]
    chat: NotRequired[PreviewChatJson]
    domain: NotRequired[str]
    own: NotRequired[bool]
    already_member: NotRequired[Id]


def own_invitation(invitation_id: UUID, host_id: UUID) -> Invitation:
    """Raises InvitationUnknown, also for another person's."""
    invitation = Invitation.objects.of(host_id).filter(id=invitation_id).first()
    if invitation is None:
        raise InvitationUnknown
    return invitation


def join_link(invitation: Invitation, *, origin: str) -> str:
    """What the QR code says. Raises QrUnavailable when SECRET_KEY was changed since the code was made."""
    token = invitation.token()
    if token is None:
        raise QrUnavailable
    return f"{origin}/join/{token}"


def invitation_list(*, host_id: UUID, chat_id: UUID | None = None) -> list[InvitationJson]:
    """The person's own codes, newest first; of one chat or of all."""
    invitations = Invitation.objects.of(host_id)
    if chat_id is not None:
        invitations = invitations.filter(chat_id=chat_id)
    return [invitation_json(invitation) for invitation in invitations[:LIST_LIMIT]]


def invitation_detail(*, invitation_id: UUID, host_id: UUID) -> InvitationJson:
    """The host's view, with everybody who came in by it while the host is in the chat. Raises InvitationUnknown."""
    invitation = own_invitation(invitation_id, host_id)
    return {**invitation_json(invitation), "people": _people(invitation)}


def invitation_json(invitation: Invitation) -> InvitationJson:
    lifetime = invitation.lifetime
    path = f"/api/auth/invitations/{invitation.id}"
    return {
        "id": str(invitation.id),
        "chat": str(invitation.chat_id),
        "label": invitation.label,
        "guests": invitation.guests,
        "created_at": utc(invitation.created_at),
        "expires_at": utc(invitation.expires_at),
        "ttl_s": round(lifetime / timedelta(seconds=1)) if lifetime else None,
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "declined": invitation.declines,
        "opened_at": utc(invitation.opened_at),
        "status": invitation.status(timezone.now()),
        "qr_svg": f"{path}/qr.svg",
        "qr_png": f"{path}/qr.png",
    }


def fresh_invitation_json(invitation: Invitation, *, origin: str) -> InvitationJson:
    """The one answer that holds the token. Raises QrUnavailable."""
    link = join_link(invitation, origin=origin)
    return {**invitation_json(invitation), "url": link, "token": link.rpartition("/")[2]}


def _people(invitation: Invitation) -> list[UseJson]:
    still_in = active_members([invitation.chat_id]).get(invitation.chat_id, set())
    if invitation.created_by_id not in still_in:
        return []  # who was removed learns no more of the chat: neither present names nor who is still there
    return [
        {"user": user_json(use.user), "joined_at": utc(use.joined_at), "active": use.user_id in still_in}
        for use in invitation.people.select_related("user")
    ]


def is_inside(invitation: Invitation, viewer_id: UUID | None) -> bool:
    """The host looking at the own code, and a member of the chat, are no news to the host."""
    if viewer_id is None:
        return False
    return viewer_id == invitation.created_by_id or is_member(invitation.chat_id, viewer_id)


def is_member(chat_id: UUID, user_id: UUID) -> bool:
    try:
        membership_or_refusal(chat_id, user_id)
    except ChatNotFound:
        return False
    return True


def preview(invitation: Invitation, *, viewer_id: UUID | None, origin: str) -> PreviewJson:
    """What the join page shows; it changes nothing. A dead code says only why it is dead."""
    chat = chat_summary(invitation.chat_id)
    shown: PreviewJson = {"state": _state(invitation, chat)}
    if viewer_id == invitation.created_by_id:
        shown["own"] = True
    if viewer_id is not None and is_member(invitation.chat_id, viewer_id):
        shown["already_member"] = str(invitation.chat_id)
    if shown["state"] == "active":
        shown |= _alive(invitation, chat, domain=origin.partition("://")[2])
    return shown


def state_of(invitation: Invitation) -> State:
    """Whether the code opens anything, and why not."""
    return _state(invitation, chat_summary(invitation.chat_id))


def _state(invitation: Invitation, chat: SummaryJson) -> State:
    now = timezone.now()
    if chat["closed_at"] or (chat["expires_at"] and chat["expires_at"] <= utc(now)):
        return "chat_over"
    if invitation.revoked_at or not _host_may_invite(invitation):
        return "revoked"
    if invitation.is_used_up():
        return "used_up"
    return "expired" if invitation.is_expired(now) else "active"


def _host_may_invite(invitation: Invitation) -> bool:
    """A code holds no longer than its host's right to give it: who was removed from the chat lets nobody in."""
    try:
        may_invite(chat_id=invitation.chat_id, user_id=invitation.created_by_id)
    except AppError:
        return False
    return True


def _alive(invitation: Invitation, chat: SummaryJson, *, domain: str) -> PreviewJson:
    inviter = user_json(invitation.created_by)
    return {
        "state": "active",
        "expires_at": utc(invitation.expires_at),
        "guests": invitation.guests,
        "inviter": {"display_name": inviter["display_name"], "is_guest": inviter["is_guest"]},
        "chat": {
            "title": chat["title"],
            "kind": chat["kind"],
            "member_count": chat["member_count"],
            "expires_at": chat["expires_at"],
        },
        "domain": domain,
    }
