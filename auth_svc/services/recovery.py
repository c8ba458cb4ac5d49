"""A guest's recovery link: made on the old device, it moves the guest to another one, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from abdre.device import Device
from abdre.limits import limit
from auth_svc.errors.devices import (
    GuestIsMember,
    RecoveryLinkExpired,
    RecoveryLinkRevoked,
    RecoveryLinkUnknown,
    RecoveryLinkUsed,
)
from auth_svc.errors.sessions import AccountClosed
from auth_svc.models import RecoveryLink
from auth_svc.models.invitations import TOKEN_BYTES, hash_of
from auth_svc.models.recovery_links import LIFETIME
from auth_svc.services.claims import REPEAT_WITHIN
from auth_svc.services.sessions import Tokens, end_sessions, is_welcome, open_session
from user_svc import services as users
from user_svc.errors import NotAGuest
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

LINKS_PER_GUEST = {"limit": 20, "window_s": 3600}
UNKNOWN_PER_PREFIX = {"limit": 30, "window_s": 60}
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class FreshRecoveryLink:
    """The only place where the token stands in the open."""

    link: RecoveryLink
    token: str


def create_recovery_link(*, user_id: UUID) -> FreshRecoveryLink:
    """The guest's one living link; the one before is dead. Raises NotAGuest, TooMany."""
    if not user_by_id(user_id).is_guest:
        raise NotAGuest
    limit("recovery-link", str(user_id), **LINKS_PER_GUEST)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    with transaction.atomic():
        users.lock_person(user_id=user_id)  # of two presses the second finds what the first has made
        revoke_recovery_links(user_id=user_id)
        link = RecoveryLink.objects.create(
            user_id=user_id, token_hash=hash_of(token), created_at=now, expires_at=now + LIFETIME
        )
    return FreshRecoveryLink(link, token)


def revoke_recovery_links(*, user_id: UUID) -> None:
    RecoveryLink.objects.unused_of(user_id).update(revoked_at=timezone.now())


def known_recovery_link(*, token: str, address: str) -> RecoveryLink:
    """Raises RecoveryLinkUnknown, and TooMany for a network that keeps guessing."""
    link = RecoveryLink.objects.with_token(token).select_related("user").first()
    if link is None:
        limit("recovery-link.unknown", address, **UNKNOWN_PER_PREFIX)
        raise RecoveryLinkUnknown
    return link


def living_recovery_link(*, token: str, address: str) -> RecoveryLink:
    """As `known_recovery_link`; raises RecoveryLinkExpired, RecoveryLinkRevoked, RecoveryLinkUsed, GuestIsMember,
    AccountClosed for one that moves nobody any more.
    """
    link = known_recovery_link(token=token, address=address)
    _refuse_person(link.user)
    _refuse_dead(link)
    return link


def recover(*, token: str, attempt_key: str, device: Device) -> Tokens:
    """The guest is on `device` now, and signed out everywhere else.

    The same `attempt_key` (empty: none) within two minutes is the same move: its answer was lost, or it was pressed
    twice. Raises as `living_recovery_link`.
    """
    link = known_recovery_link(token=token, address=device.address)
    attempt_hash = hash_of(f"{link.id}:{attempt_key}") if attempt_key else ""
    with transaction.atomic():
        # Locked before the link, as by who registers in the same moment and revokes it: that comes before or after.
        _refuse_person(users.lock_person(user_id=link.user_id))
        is_first = _claim(link, attempt_hash)
        if is_first:
            end_sessions(user_id=link.user_id)
        elif not _is_repeat(link, attempt_hash):
            _refuse_dead(link)
        return open_session(user_id=link.user_id, device=device)


def forget_recovery_links() -> int:
    """Delete what ended days ago; until then an old link says why it is dead. Runs now and then."""
    return old_recovery_links().delete()[0]


def old_recovery_links() -> QuerySet[RecoveryLink]:
    return RecoveryLink.objects.filter(expires_at__lt=timezone.now() - KEPT)


def _claim(link: RecoveryLink, attempt_hash: str) -> bool:
    """Whether this is the one press that uses the link; the row count decides."""
    now = timezone.now()
    claimable = RecoveryLink.objects.claimable(now).filter(id=link.id)
    claimed = claimable.update(used_at=now, attempt_hash=attempt_hash)
    link.refresh_from_db()
    return bool(claimed)


def _is_repeat(link: RecoveryLink, attempt_hash: str) -> bool:
    in_time = link.used_at is not None and link.used_at > timezone.now() - REPEAT_WITHIN
    return in_time and bool(attempt_hash) and link.attempt_hash == attempt_hash


def _refuse_person(guest: User) -> None:
    if not is_welcome(guest):
        raise AccountClosed
    if not guest.is_guest:
        raise GuestIsMember


def _refuse_dead(link: RecoveryLink) -> None:
    if link.used_at:
        raise RecoveryLinkUsed
    if link.revoked_at:
        raise RecoveryLinkRevoked
    if link.expires_at <= timezone.now():
        raise RecoveryLinkExpired
