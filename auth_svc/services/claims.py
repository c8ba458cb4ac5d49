"""Coming in by a code: one transaction claims a use, finds or makes the person, enrols them, and signs a guest in.

Where the host lets people in, they wait: no use, no membership, but a guest is signed in, to be told.

Locks are taken in the order Invitation, Chat, Membership, User.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.device import Device
from abdre.errors import AppError, Invalid
from abdre.events import publish, user_group
from auth_svc.errors.invitations import (
    InvitationExpired,
    InvitationRevoked,
    InvitationUnknown,
    InvitationUsedUp,
    OwnInvitation,
)
from auth_svc.errors.sessions import AccountClosed, AccountRequired
from auth_svc.events import invitation_joined
from auth_svc.models import Invitation, InvitationUse, Knock
from auth_svc.models.invitations import hash_of
from auth_svc.selectors.previews import State, chat_entered, state_of
from auth_svc.services.funnel import JOINED, count_step
from auth_svc.services.knocks import end_knocks, knock
from auth_svc.services.sessions import Tokens, is_welcome, open_session
from chat_svc.errors import Banned, ChatOver, NotAllowed
from chat_svc.events import MembershipJson, SummaryJson, membership_json
from chat_svc.selectors import chat_summary, is_taken_in
from chat_svc.services import enrol, open_direct_chat
from user_svc.selectors import UserJson, check_not_apart, look_of, user_by_id, user_json
from user_svc.services import create_guest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from chat_svc.models import Membership
    from user_svc.models import User

# An answer lost on the way is asked for again at once; a link and a key found later must sign nobody in.
REPEAT_WITHIN = timedelta(minutes=2)

REFUSALS: dict[State, type[AppError]] = {
    "chat_over": ChatOver,
    "revoked": InvitationRevoked,
    "used_up": InvitationUsedUp,
    "expired": InvitationExpired,
}


@dataclass(frozen=True)
class Entry:
    """Somebody is in; `tokens` only where a guest was signed in by it."""

    chat: SummaryJson
    membership: MembershipJson
    user: UserJson
    tokens: Tokens | None = None


@dataclass(frozen=True)
class Waiting:
    """Somebody has knocked; `tokens` as of an entry."""

    invitation_id: UUID
    user: UserJson
    tokens: Tokens | None = None


def accept_as_person(*, invitation_id: UUID, user_id: UUID) -> Entry | Waiting:
    """A signed-in person comes in, or knocks; who is in already uses nothing up.

    Raises OwnInvitation, InvitationExpired, InvitationRevoked, InvitationUsedUp, ChatOver, ChatFull, Banned,
    AccountClosed, AccountRequired, NotAllowed for a bot, KnockRefused, WaitingRoomFull, Invalid for a guest with a
    member's name, and MayNotWrite at a code for a talk of two, where one has blocked the other.
    """
    with transaction.atomic():
        invitation = locked_invitation(invitation_id)
        person = user_by_id(user_id)
        if invitation.created_by_id == user_id:
            raise OwnInvitation
        if person.is_bot:  # it is added by who manages a chat, who knows what it is
            raise NotAllowed
        if not is_welcome(person):
            raise Banned if person.is_active else AccountClosed
        if invitation.chat_id is None:
            check_not_apart(user_id, invitation.created_by_id)
        if chat_entered(invitation, user_id) is None:
            _refuse_dead(invitation)
            if person.is_guest:
                _refuse_guest(invitation, person.display_name)
        return _enter_or_wait(invitation, person)


def accept_as_guest(*, invitation_id: UUID, display_name: str, attempt_key: str, device: Device) -> Entry | Waiting:
    """A newcomer comes in, or knocks, as a fresh guest, signed in on `device`.

    The same `attempt_key` (empty: none) within two minutes finds the guest it made. Raises as `accept_as_person`,
    and InvalidName.
    """
    with transaction.atomic():
        invitation = locked_invitation(invitation_id)
        attempt_hash = hash_of(f"{invitation.id}:{attempt_key}") if attempt_key else None
        known = _guest_of_attempt(invitation, attempt_hash)
        guest = known or _newcomer(invitation, display_name)
        outcome = _enter_or_wait(invitation, guest, is_newcomer=known is None, attempt_hash=attempt_hash)
        tokens = open_session(user_id=guest.id, device=device)
    return replace(outcome, tokens=tokens)


def locked_invitation(invitation_id: UUID) -> Invitation:
    """The row, locked: presses of one code come one after another (SQLite: by its one writer)."""
    invitation = Invitation.objects.select_for_update().filter(id=invitation_id).first()
    if invitation is None:  # its chat was erased a moment ago
        raise InvitationUnknown
    return invitation


def _refuse_dead(invitation: Invitation) -> None:
    refusal = REFUSALS.get(state_of(invitation))
    if refusal:
        raise refusal


def _refuse_guest(invitation: Invitation, display_name: str) -> None:
    if not invitation.guests:
        raise AccountRequired(_("This code is for people with an account. Please sign in or register."))
    if _is_taken(invitation, display_name):
        raise Invalid(fields={"display_name": [_("Somebody here has this name. Please choose another.")]})


def _is_taken(invitation: Invitation, name: str) -> bool:
    if invitation.chat_id is None:
        return look_of(invitation.created_by.display_name) == look_of(name)
    return is_taken_in(chat_id=invitation.chat_id, name=name)


def _guest_of_attempt(invitation: Invitation, attempt_hash: str | None) -> User | None:
    """The guest whom the same press made moments ago: its answer was lost, or it was pressed twice."""
    if attempt_hash is None:
        return None
    same_knock = Knock.objects.filter(invitation=invitation, attempt_hash=attempt_hash)
    before = same_knock.select_related("user").first() if invitation.approval else None
    if before is not None:
        return _repeated(same_knock, before.user, at=before.knocked_at)
    same = InvitationUse.objects.filter(invitation=invitation, attempt_hash=attempt_hash)
    use = same.select_related("user").first()
    if use is None:
        return None
    is_still_in = chat_entered(invitation, use.user_id) is not None
    return _repeated(same, use.user if is_still_in else None, at=use.joined_at)


def _repeated(same: QuerySet[Any], guest: User | None, *, at: datetime) -> User | None:
    """The guest, unless they may not be signed in by that press any more; then it is forgotten."""
    # Who has become a member since is signed in by a password and by nothing else.
    if guest and guest.is_guest and is_welcome(guest) and at > timezone.now() - REPEAT_WITHIN:
        return guest
    same.update(attempt_hash=None)
    return None


def _newcomer(invitation: Invitation, display_name: str) -> User:
    _refuse_dead(invitation)
    _refuse_guest(invitation, display_name)
    return create_guest(display_name=display_name)


def _enter_or_wait(
    invitation: Invitation, person: User, *, is_newcomer: bool = False, attempt_hash: str | None = None
) -> Entry | Waiting:
    if invitation.approval and chat_entered(invitation, person.id) is None:
        knock(invitation, person, is_newcomer=is_newcomer, attempt_hash=attempt_hash)
        return Waiting(invitation.id, user_json(person))
    return enter(invitation, person, attempt_hash=attempt_hash)


def enter(invitation: Invitation, person: User, *, attempt_hash: str | None = None) -> Entry:
    """In the chat; only who was not in it before uses the code. The caller holds the invitation's lock."""
    membership, came_in = _membership(invitation, person.id)
    if came_in:
        _claim(invitation)
        facts = {"attempt_hash": attempt_hash, "joined_at": timezone.now()}
        InvitationUse.objects.update_or_create(invitation=invitation, user=person, defaults=facts)
        count_step(JOINED)
        joined = invitation_joined(invitation, user_json(person), chat_id=membership.chat_id)
        publish(user_group(invitation.created_by_id), joined)
    return Entry(chat_summary(membership.chat_id), membership_json(membership), user_json(person))


def _membership(invitation: Invitation, user_id: UUID) -> tuple[Membership, bool]:
    if invitation.chat_id is None:
        return open_direct_chat(host_id=invitation.created_by_id, user_id=user_id)
    return enrol(chat_id=invitation.chat_id, user_id=user_id)


def _claim(invitation: Invitation) -> None:
    """Take one use, or none: the row count decides, whatever was read before."""
    free = Invitation.objects.claimable(timezone.now()).filter(id=invitation.id)
    claimed = free.update(uses=F("uses") + 1)
    invitation.refresh_from_db()
    if not claimed:
        _refuse_dead(invitation)
        raise InvitationUsedUp
    if invitation.approval and invitation.is_used_up():
        end_knocks(invitation)
