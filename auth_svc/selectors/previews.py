"""What a code says to whoever holds it, and who has it before them."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from abdre.errors import AppError
from abdre.wire import Id, Moment, utc
from auth_svc.errors.invitations import InvitationMovedOn
from auth_svc.models import Invitation, InvitationUse, Knock
from auth_svc.models.short_tokens import HOLD, HOLD_LIFETIME, TURN, read_token
from chat_svc.errors import ChatNotFound
from chat_svc.events import SummaryJson
from chat_svc.selectors import chat_summary, direct_chat_between, may_invite
from chat_svc.selectors.chats import membership_or_refusal
from user_svc.selectors import user_json

State = Literal["active", "expired", "revoked", "used_up", "chat_over"]


class InviterJson(TypedDict):
    display_name: str
    is_guest: bool


class PreviewChatJson(TypedDict):
    title: str
    kind: str
    member_count: int
    expires_at: Moment | None


class PreviewJson(TypedDict):
    """A dead code says only why it is dead.

    `hold`: of a rotating code, what to join by in the next ten minutes, while the screen moves on. `knock`: the id of
    the invitation at which this person is waiting already.
    """

    state: State
    expires_at: NotRequired[Moment | None]
    guests: NotRequired[bool]
    approval: NotRequired[bool]
    has_password: NotRequired[bool]
    hold: NotRequired[str]
    knock: NotRequired[Id]
    inviter: NotRequired[InviterJson]
    chat: NotRequired[PreviewChatJson]
    domain: NotRequired[str]
    own: NotRequired[bool]
    already_member: NotRequired[Id]


def shown_invitation(token: str, now: datetime) -> Invitation | None:
    """The invitation of a token that somebody shows, lasting or short. Raises InvitationMovedOn."""
    known = Invitation.objects.select_related("created_by")
    short = read_token(token)
    if short is None:
        return known.with_token(token).first()
    invitation = known.filter(id=short.invitation_id, rotating=True).first()
    if invitation is None or not short.is_genuine(bytes(invitation.nonce)):
        return None
    if short.is_over(now):
        raise InvitationMovedOn
    return invitation


def is_inside(invitation: Invitation, viewer_id: UUID | None) -> bool:
    """The host looking at the own code, and a member of the chat, are no news to the host."""
    if viewer_id is None:
        return False
    return viewer_id == invitation.created_by_id or chat_entered(invitation, viewer_id) is not None


def sees_invitation(invitation_id: UUID, user_id: UUID) -> bool:
    """Whether the person has a code before them: its host, who is in its chat, who knocks or came in by it."""
    invitation = Invitation.objects.filter(id=invitation_id).first()
    if invitation is None:
        return False
    came = Knock.objects.filter(invitation=invitation, user_id=user_id)
    used = InvitationUse.objects.filter(invitation=invitation, user_id=user_id)
    return is_inside(invitation, user_id) or came.exists() or used.exists()


def invitations_of(user_ids: Collection[UUID]) -> QuerySet[Invitation, UUID]:
    """The ids of all codes that these people have shown, dead ones too."""
    return Invitation.objects.filter(created_by_id__in=user_ids).values_list("id", flat=True)


def chat_entered(invitation: Invitation, user_id: UUID) -> UUID | None:
    """The chat behind the code, for who is in it."""
    if invitation.chat_id is None:
        return direct_chat_between(invitation.created_by_id, user_id)
    return invitation.chat_id if is_member(invitation.chat_id, user_id) else None


def is_member(chat_id: UUID, user_id: UUID) -> bool:
    try:
        membership_or_refusal(chat_id, user_id)
    except ChatNotFound:
        return False
    return True


def preview(invitation: Invitation, *, token: str, viewer_id: UUID | None, origin: str) -> PreviewJson:
    """What the join page shows; it changes nothing. A dead code says only why it is dead."""
    chat = _chat_of(invitation)
    shown: PreviewJson = {"state": _state(invitation, chat)}
    if viewer_id == invitation.created_by_id:
        shown["own"] = True
        if invitation.chat_id is not None and is_member(invitation.chat_id, viewer_id):
            shown["already_member"] = str(invitation.chat_id)
    elif viewer_id is not None:
        shown |= _of_viewer(invitation, viewer_id)
    if shown["state"] == "active":
        shown |= _alive(invitation, chat, domain=origin.partition("://")[2])
        shown |= _hold(invitation, token)
    return shown


def state_of(invitation: Invitation) -> State:
    """Whether the code opens anything, and why not."""
    return _state(invitation, _chat_of(invitation))


def _chat_of(invitation: Invitation) -> SummaryJson | None:
    return chat_summary(invitation.chat_id) if invitation.chat_id else None


def _of_viewer(invitation: Invitation, viewer_id: UUID) -> PreviewJson:
    """What is between this person and the code already."""
    entered = chat_entered(invitation, viewer_id)
    if entered is not None:
        return {"already_member": str(entered)}  # type: ignore[typeddict-item]  # a part, which joins the whole
    is_waiting = invitation.approval and Knock.objects.waiting().filter(invitation=invitation, user_id=viewer_id)
    return {"knock": str(invitation.id)} if is_waiting else {}  # type: ignore[typeddict-item]  # as above


def _state(invitation: Invitation, chat: SummaryJson | None) -> State:
    now = timezone.now()
    if chat and (chat["closed_at"] or (chat["expires_at"] and chat["expires_at"] <= utc(now))):
        return "chat_over"
    if invitation.revoked_at or not _host_may_invite(invitation):
        return "revoked"
    if invitation.is_used_up():
        return "used_up"
    return "expired" if invitation.is_expired(now) else "active"


def _host_may_invite(invitation: Invitation) -> bool:
    """A code holds no longer than its host's right to give it: who was removed from the chat lets nobody in."""
    if invitation.chat_id is None:
        host = invitation.created_by
        return host.is_active and host.banned_at is None and not host.is_guest
    try:
        may_invite(chat_id=invitation.chat_id, user_id=invitation.created_by_id)
    except AppError:
        return False
    return True


def _alive(invitation: Invitation, chat: SummaryJson | None, *, domain: str) -> PreviewJson:
    inviter = user_json(invitation.created_by)
    return {
        "state": "active",
        "expires_at": utc(invitation.expires_at),
        "guests": invitation.guests,
        "approval": invitation.approval,
        "has_password": bool(invitation.password_hash),
        "inviter": {"display_name": inviter["display_name"], "is_guest": inviter["is_guest"]},
        "chat": _shown_chat(chat),
        "domain": domain,
    }


def _hold(invitation: Invitation, token: str) -> PreviewJson:
    """For a turn alone: a hold that could be exchanged for the next would never end."""
    short = read_token(token) if invitation.rotating else None
    if short is None or short.kind != TURN:
        return {}  # type: ignore[typeddict-item]  # as above
    ends_at = timezone.now() + HOLD_LIFETIME
    return {"hold": invitation.short_token(HOLD, int(ends_at.timestamp()))}  # type: ignore[typeddict-item]  # as above


def _shown_chat(chat: SummaryJson | None) -> PreviewChatJson:
    if chat is None:  # to be made for the two of them
        return {"title": "", "kind": "direct", "member_count": 1, "expires_at": None}
    return {
        "title": chat["title"],
        "kind": chat["kind"],
        "member_count": chat["member_count"],
        "expires_at": chat["expires_at"],
    }
