"""Questions about invitations: the host's view, with its tracker."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NotRequired, TypedDict
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from abdre.wire import Id, Moment, utc
from auth_svc.errors.invitations import InvitationUnknown, QrUnavailable
from auth_svc.models import Invitation
from auth_svc.models.invitations import Status
from auth_svc.models.short_tokens import turn_ends_at
from auth_svc.selectors.knocks import WaitingPersonJson, counts_waiting, waiting_at
from chat_svc.selectors import active_members
from chat_svc.selectors.for_staff import chats_in_view, reported_codes
from user_svc.selectors import UserJson, user_json

LIST_LIMIT = 100


class InvitationJson(TypedDict):
    """`url` and `token` stand in the answer that makes it, `people` and `knocks` in the one that shows it alone.

    `chat` null: each newcomer gets a direct chat with the host. `opens`: how often its page was opened; `waiting`: how
    many knock now. `rotates_at`: until when a rotating code's `url` is the one on the screen.
    """

    id: Id
    chat: Id | None
    label: str
    guests: bool
    approval: bool
    rotating: bool
    has_password: bool
    created_at: Moment
    expires_at: Moment | None
    ttl_s: int | None
    max_uses: int | None
    uses: int
    declined: int
    opens: int
    waiting: int
    opened_at: Moment | None
    status: Status
    qr_svg: str
    qr_png: str
    people: NotRequired[list["UseJson"]]
    knocks: NotRequired[list[WaitingPersonJson]]
    first_joined_at: NotRequired[Moment | None]
    last_joined_at: NotRequired[Moment | None]
    url: NotRequired[str]
    token: NotRequired[str]
    rotates_at: NotRequired[Moment | None]


class UseJson(TypedDict):
    user: UserJson
    joined_at: Moment
    active: bool


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


def known_invitation(invitation_id: UUID) -> Invitation:
    """For staff. Raises InvitationUnknown."""
    invitation = Invitation.objects.select_related("chat", "created_by").filter(id=invitation_id).first()
    if invitation is None:
        raise InvitationUnknown
    return invitation


def codes_in_view() -> Q:
    """Those of which moderators read the label and where they lead: of chats in their view, and reported ones."""
    return Q(chat__in=chats_in_view()) | Q(pk__in=reported_codes())


def is_code_in_view(invitation_id: UUID) -> bool:
    return Invitation.objects.filter(codes_in_view(), id=invitation_id).exists()


def invitation_list(*, host_id: UUID, chat_id: UUID | None = None, direct: bool = False) -> list[InvitationJson]:
    """The person's own codes, newest first: all, those of one chat, or (`direct`) those without one."""
    invitations = Invitation.objects.of(host_id)
    if direct:
        invitations = invitations.filter(chat=None)
    if chat_id is not None:
        invitations = invitations.filter(chat_id=chat_id)
    return [invitation_json(found, waiting=found.waiting) for found in counts_waiting(invitations)[:LIST_LIMIT]]


def invitation_detail(*, invitation_id: UUID, host_id: UUID) -> InvitationJson:
    """The host's view, with everybody who came in by it while the host is in the chat. Raises InvitationUnknown."""
    invitation = own_invitation(invitation_id, host_id)
    people, knocks = _people(invitation), waiting_at(invitation)
    return {
        **invitation_json(invitation, waiting=len(knocks)),
        "people": people,
        "knocks": knocks,
        "first_joined_at": people[0]["joined_at"] if people else None,
        "last_joined_at": people[-1]["joined_at"] if people else None,
    }


def invitation_json(invitation: Invitation, *, waiting: int = 0) -> InvitationJson:
    lifetime = invitation.lifetime
    path = f"/api/auth/invitations/{invitation.id}"
    return {
        "id": str(invitation.id),
        "chat": str(invitation.chat_id) if invitation.chat_id else None,
        "label": invitation.label,
        "guests": invitation.guests,
        "approval": invitation.approval,
        "rotating": invitation.rotating,
        "has_password": bool(invitation.password_hash),
        "created_at": utc(invitation.created_at),
        "expires_at": utc(invitation.expires_at),
        "ttl_s": round(lifetime / timedelta(seconds=1)) if lifetime else None,
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "declined": invitation.declines,
        "opens": invitation.opens,
        "waiting": waiting,
        "opened_at": utc(invitation.opened_at),
        "status": invitation.status(timezone.now()),
        "qr_svg": f"{path}/qr.svg",
        "qr_png": f"{path}/qr.png",
    }


def fresh_invitation_json(invitation: Invitation, *, origin: str) -> InvitationJson:
    """The one answer that holds the token. Raises QrUnavailable."""
    link = join_link(invitation, origin=origin)
    return {
        **invitation_json(invitation),
        "url": link,
        "token": link.rpartition("/")[2],
        "rotates_at": rotates_at(invitation),
    }


def rotates_at(invitation: Invitation) -> str | None:
    return utc(turn_ends_at(timezone.now())) if invitation.rotating else None


def _people(invitation: Invitation) -> list[UseJson]:
    came = invitation.people.select_related("user")
    if invitation.chat_id is None:  # whether those talk to the host still, the host knows
        return [{"user": user_json(use.user), "joined_at": utc(use.joined_at), "active": True} for use in came]
    still_in = active_members([invitation.chat_id])[invitation.chat_id]
    if invitation.created_by_id not in still_in:
        return []  # who was removed learns no more of the chat: neither present names nor who is still there
    return [
        {"user": user_json(use.user), "joined_at": utc(use.joined_at), "active": use.user_id in still_in}
        for use in came
    ]


def invitations_by_id(ids: Iterable[UUID]) -> dict[UUID, Invitation]:
    """For staff: with their hosts and chats."""
    return Invitation.objects.select_related("created_by", "chat").in_bulk(list(ids))
