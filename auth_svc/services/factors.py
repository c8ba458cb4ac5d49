"""Second factors as a whole: who may change them, what the first brings, what goes with the last.

Every change locks the person (`lock_person`), so that of two at once the second finds what the first has left: two ways
in that go must not each be the other's reason to, and what goes with the last factor goes with one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.utils.translation import gettext as _

from abdre.device import Device
from auth_svc.errors.sessions import AccountRequired
from auth_svc.models import Session
from auth_svc.selectors.factors import CODES, PASSKEY, TOTP, held
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.services.sessions import note_authentication, require_recent
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User


def changer(*, user_id: UUID, session_id: UUID) -> User:
    """The member, who has shown a moment ago who they are.

    Raises AccountRequired, ReauthenticationRequired, SecondFactorNeeded.
    """
    user = user_by_id(user_id)
    if user.is_guest:
        raise AccountRequired(_("Make an account first: a guest has nothing to log in with."))
    require_recent(session_id=session_id)
    return user


def note_added(*, user_id: UUID, session_id: UUID, change: Change, device: Device) -> list[str]:
    """In the transaction that adds a factor: this session has shown it. The first one brings recovery codes."""
    note_authentication(session_id=session_id, by_second_factor=True)
    tell_of_change(user_id=user_id, change=change, device=device)
    return first_codes(user_id)


def note_removed(*, user_id: UUID, change: Change, device: Device) -> None:
    """In the transaction that removes a factor: with the last one there is no second step any more."""
    tell_of_change(user_id=user_id, change=change, device=device)
    if not held(user_id, TOTP, PASSKEY).exists():
        held(user_id, CODES).delete()
        Session.objects.of(user_id).update(second_factor_at=None)


def first_codes(user_id: UUID) -> list[str]:
    """Recovery codes for who has none yet; for others nothing, since codes are shown once."""
    codes, is_new = Authenticator.objects.get_or_create(user_id=user_id, type=CODES, defaults={"data": _fresh()})
    return RecoveryCodes(codes).generate_codes() if is_new else []


def other_codes(user_id: UUID) -> list[str]:
    """Recovery codes in place of those that there were."""
    codes, _is_new = Authenticator.objects.update_or_create(user_id=user_id, type=CODES, defaults={"data": _fresh()})
    fresh: list[str] = RecoveryCodes(codes).generate_codes()
    return fresh


def _fresh() -> dict[str, object]:
    return {"seed": encrypt(RecoveryCodes.generate_seed()), "used_mask": 0}
