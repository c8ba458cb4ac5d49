"""Codes that staff takes back, with who came by them where staff says so."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from auth_svc.errors.invitations import InvitationUnknown
from auth_svc.models import Invitation, InvitationUse
from auth_svc.services.invitations import take_back
from chat_svc.services import evict
from chat_svc.services.moderation import Deed, Right, Staff, check_target, note, require_right
from user_svc.services import NoticeKind, tell_staff_notice


def revoke_code(*, by: Staff, invitation_id: UUID, evicts: bool = False) -> None:
    """`evicts`: whoever came by it and is still in goes, but for owners and for staff.

    Raises NotStaff, InvitationUnknown, TargetProtected, ReasonMissing.
    """
    actor = require_right(by, Right.MODERATE_CHATS)
    this = Invitation.objects.filter(id=invitation_id)
    host_id = this.values_list("created_by_id", flat=True).first()
    if host_id is None:
        raise InvitationUnknown
    check_target(actor, host_id)
    revoke(by, this, evicts=evicts)


def revoke_codes_of_person(*, by: Staff, user_id: UUID, evicts: bool = False) -> int:
    """All that the person shows; how many lived still.

    Raises NotStaff, UserNotFound, TargetProtected, ReasonMissing.
    """
    check_target(require_right(by, Right.MODERATE_CHATS), user_id)
    return revoke(by, Invitation.objects.of(user_id).claimable(timezone.now()), evicts=evicts)


def revoke_codes_of_chat(*, by: Staff, chat_id: UUID, evicts: bool = False) -> int:
    """All into the chat; how many lived still. Raises NotStaff, ReasonMissing."""
    require_right(by, Right.MODERATE_CHATS)
    return revoke(by, Invitation.objects.filter(chat_id=chat_id).claimable(timezone.now()), evicts=evicts)


def revoke(by: Staff, those: QuerySet[Invitation], *, evicts: bool = False, untold: Iterable[UUID] = ()) -> int:
    """How many were taken back, each in a transaction of its own. A host hears it once, those in `untold` not at all.

    The caller has checked the right. Raises ReasonMissing.
    """
    told = {by.id, *untold}
    done = 0
    for invitation_id in list(those.order_by("id").values_list("id", flat=True)):
        with transaction.atomic():
            invitation = Invitation.objects.select_for_update().filter(id=invitation_id).first()
            if invitation is not None:  # else its chat was erased meanwhile
                done += _revoke(by, invitation, told)
                if evicts and invitation.chat_id is not None:
                    _evict(by, invitation, invitation.chat_id)
    return done


def _revoke(by: Staff, invitation: Invitation, told: set[UUID]) -> bool:
    if not take_back(invitation):
        return False
    host, chat_id = invitation.created_by_id, invitation.chat_id
    entry = note(by, Deed.CODE_REVOKED, person_id=host, chat_id=chat_id, target_id=invitation.id)
    if host not in told:
        tell_staff_notice(user_id=host, kind=NoticeKind.CODE_REVOKED, reason=entry.reason, chat_id=chat_id)
        told.add(host)
    return True


def _evict(by: Staff, invitation: Invitation, chat_id: UUID) -> None:
    came = InvitationUse.objects.filter(invitation=invitation, user__is_staff=False)
    for user_id in evict(chat_id=chat_id, actor_id=None, user_ids=came.values_list("user_id", flat=True)):
        entry = note(by, Deed.REMOVED, person_id=user_id, chat_id=chat_id, target_id=invitation.id)
        tell_staff_notice(user_id=user_id, kind=NoticeKind.REMOVED, reason=entry.reason, chat_id=chat_id)
