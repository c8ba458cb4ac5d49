"""A host's answer to who knocks: let in, or not."""

from uuid import UUID

from django.db import transaction

from auth_svc.errors.invitations import AlreadyIn, InvitationUnknown, KnockUnknown
from auth_svc.models import Invitation
from auth_svc.models.knocks import KnockState
from auth_svc.selectors.knocks import deciders
from auth_svc.services.claims import enter, locked_invitation
from auth_svc.services.knocks import settle
from auth_svc.services.sessions import is_welcome
from user_svc.selectors import user_by_id


def approve(*, invitation_id: UUID, actor_id: UUID, user_id: UUID) -> None:
    """They come in, and take a use; again is no harm. Who was refused by mistake can be let in still.

    Raises InvitationUnknown, KnockUnknown, InvitationExpired, InvitationRevoked, InvitationUsedUp, ChatOver, ChatFull,
    Banned, MayNotWrite.
    """
    with transaction.atomic():
        invitation = _decided_by(invitation_id, actor_id)
        if _state(invitation, user_id) == KnockState.APPROVED:
            return
        person = user_by_id(user_id)
        if not is_welcome(person):
            raise KnockUnknown
        # First, since whoever takes the last use ends the waiting of all others.
        settle(invitation, user_id, KnockState.APPROVED, of=(KnockState.WAITING, KnockState.REFUSED))
        enter(invitation, person)


def refuse(*, invitation_id: UUID, actor_id: UUID, user_id: UUID) -> None:
    """They do not come in by this code; again is no harm. Raises InvitationUnknown, KnockUnknown, AlreadyIn."""
    with transaction.atomic():
        invitation = _decided_by(invitation_id, actor_id)
        if _state(invitation, user_id) == KnockState.APPROVED:
            raise AlreadyIn
        settle(invitation, user_id, KnockState.REFUSED)


def _decided_by(invitation_id: UUID, actor_id: UUID) -> Invitation:
    """The invitation, locked, for a deed of its host or of who manages its chat."""
    # Asked without the lock first, so that strangers do not queue on it.
    found = Invitation.objects.filter(id=invitation_id).select_related("created_by").first()
    if found is None or actor_id not in deciders(found):
        raise InvitationUnknown
    return locked_invitation(invitation_id)


def _state(invitation: Invitation, user_id: UUID) -> str:
    """Raises KnockUnknown, also for who has gone."""
    knock = invitation.knocks.filter(user_id=user_id).exclude(state=KnockState.ENDED).first()
    if knock is None:
        raise KnockUnknown
    return knock.state
