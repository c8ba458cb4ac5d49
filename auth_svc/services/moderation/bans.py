"""Somebody is banned from the whole house, with the codes they came by and who else did, or comes in again.

Each deed is a transaction and an entry of its own. What is pressed again goes on where it was cut off, and notes no
deed twice.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from auth_svc.models import Invitation, InvitationUse
from auth_svc.services import accounts
from auth_svc.services.invitations import revoke_invitations
from auth_svc.services.moderation.codes import revoke
from chat_svc.errors import CannotUndo, MessageNotFound
from chat_svc.selectors import active_members
from chat_svc.services.moderation import (
    Deed,
    Right,
    Staff,
    check_target,
    delete_messages_of,
    last_deed,
    note,
    refuse_webhook,
    require_right,
)
from user_svc import services as users
from user_svc.services import NoticeKind, tell_staff_notice


def ban(
    *,
    by: Staff,
    user_id: UUID,
    chat_id: UUID | None = None,
    with_code: bool = False,
    with_guests: bool = False,
    erases_messages: bool = False,
) -> None:
    """Nowhere in any more, nor their bots and programs, and nobody by a code of theirs.

    `with_code`: the codes they came by are dead too; `with_guests`: and who else came by these as a guest is banned.
    `chat_id`: only the codes into that chat. `erases_messages`: all that they said, everywhere; staff can restore it.

    Raises NotStaff, UserNotFound, TargetProtected, NotAllowed for a webhook's bot, ReasonMissing.
    """
    target = check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    refuse_webhook(target)
    _check_rights(by, with_code=with_code or with_guests, erases_messages=erases_messages)
    codes = _codes_they_came_by(user_id, chat_id)
    if with_code or with_guests:  # first, so that nobody comes back by it meanwhile
        revoke(by, _not_over(codes), untold=[user_id])
    _ban(by, target.id)
    if erases_messages:
        with suppress(MessageNotFound):  # they said nothing
            delete_messages_of(by=by, user_id=target.id)
    if with_guests:
        for guest_id in _guests_by(codes, user_id):
            _ban(by, guest_id, came_with=str(user_id))


def unban(*, by: Staff, user_id: UUID) -> None:
    """They may come in again; codes and tokens stay dead, messages deleted.

    Raises NotStaff, UserNotFound, TargetProtected, ReasonMissing, CannotUndo.
    """
    check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        if users.lock_person(user_id=user_id).banned_at is None:
            raise CannotUndo
        entry = note(by, Deed.UNBANNED, person_id=user_id, undoes=last_deed(Deed.BANNED, person_id=user_id))
        users.unban(user_id=user_id)
        tell_staff_notice(user_id=user_id, kind=NoticeKind.UNBANNED, reason=entry.reason)


def _check_rights(by: Staff, *, with_code: bool, erases_messages: bool) -> None:
    """Before anything is done: half a deed is none."""
    if with_code:
        require_right(by, Right.MODERATE_CHATS)
    if erases_messages:
        require_right(by, Right.MODERATE_MESSAGES)


def _ban(by: Staff, user_id: UUID, **details: Any) -> None:
    with transaction.atomic():
        revoke_invitations(host_id=user_id)  # a code is locked before its host
        if users.lock_person(user_id=user_id).banned_at is not None:
            return
        entry = note(by, Deed.BANNED, person_id=user_id, **details)
        # Told first: after the next word their sockets close.
        tell_staff_notice(user_id=user_id, kind=NoticeKind.BANNED, reason=entry.reason)
        accounts.ban(user_id=user_id)


def _codes_they_came_by(user_id: UUID, chat_id: UUID | None) -> QuerySet[Invitation]:
    codes = Invitation.objects.filter(id__in=InvitationUse.objects.filter(user_id=user_id).values("invitation_id"))
    if chat_id is None:
        return codes
    # A code without a chat has led to a direct one, with its host.
    hosts = active_members([chat_id])[chat_id]
    return codes.filter(Q(chat_id=chat_id) | Q(chat=None, created_by_id__in=hosts))


def _not_over(codes: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Also what is used up: its host sees that it was taken back, and renews it no more without knowing."""
    return codes.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at__isnull=True)


def _guests_by(codes: QuerySet[Invitation], user_id: UUID) -> list[UUID]:
    came = InvitationUse.objects.filter(invitation__in=codes, user__is_guest=True, user__banned_at=None)
    return list(came.exclude(user_id=user_id).order_by("user_id").values_list("user_id", flat=True).distinct())
