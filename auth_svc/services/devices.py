"""Logging in on another device by a code: the new one shows it, one that is signed in confirms, the new one collects.

The confirming session vouches for who it is, and hands on nothing that was shown: the new one counts as signed in long
ago, and as never having shown a second factor. So whoever wants to change there how one signs in shows first who they
are, and neither a found phone nor somebody talked into confirming gives that away. Confirming itself asks for nothing
again: nobody types a password in the half minute that a code lives, and whoever holds the unlocked phone is in already.
The owner gets a letter, and finds the new device in the list.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.device import Device
from abdre.errors import AppError
from abdre.limits import limit
from auth_svc.errors.devices import (
    DeviceCodeDeclined,
    DeviceCodeExpired,
    DeviceCodeUnknown,
    DeviceCodeUsed,
)
from auth_svc.errors.sessions import AccountRequired
from auth_svc.models import DeviceCode, Session
from auth_svc.models.device_codes import LIFETIME, Status
from auth_svc.models.invitations import TOKEN_BYTES, hash_of
from auth_svc.models.sessions import ADDRESS_LENGTH, USER_AGENT_LENGTH
from auth_svc.selectors.sessions import REAUTHENTICATION_LIFETIME
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.services.sessions import Tokens, is_welcome, open_session
from user_svc import services as users
from user_svc.selectors import user_by_id

# By one network. A screen shows two codes a minute, and forty screens fit into one room.
CODES_PER_PREFIX = {"limit": 80, "window_s": 60}
UNKNOWN_PER_PREFIX = {"limit": 30, "window_s": 60}
# A screen asks every second; ten times as often is no screen.
COLLECTS_PER_CODE = {"limit": 600, "window_s": 60}
KEPT = timedelta(minutes=10)

REFUSALS: dict[Status, type[AppError]] = {
    "confirmed": DeviceCodeUsed,
    "used": DeviceCodeUsed,
    "declined": DeviceCodeDeclined,
    "expired": DeviceCodeExpired,
}


@dataclass(frozen=True)
class FreshDeviceCode:
    """The only place where the code's two secrets stand in the open."""

    code: DeviceCode
    token: str
    secret: str


def create_device_code(*, device: Device) -> FreshDeviceCode:
    """A code for the device that asks. Raises TooMany."""
    limit("device-code", device.address, **CODES_PER_PREFIX)
    token, secret = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(32)
    now = timezone.now()
    code = DeviceCode.objects.create(
        token_hash=hash_of(token),
        secret_hash=hash_of(secret),
        check_number=f"{secrets.randbelow(100):02}",
        user_agent=device.user_agent[:USER_AGENT_LENGTH].replace("\0", ""),
        address=device.address[:ADDRESS_LENGTH],
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return FreshDeviceCode(code, token, secret)


def scanned_code(*, token: str, user_id: UUID, address: str) -> DeviceCode:
    """The code that a signed-in member has scanned: a waiting one, or one that this person has confirmed.

    Raises DeviceCodeUnknown, DeviceCodeExpired, DeviceCodeDeclined, DeviceCodeUsed, AccountRequired, TooMany.
    """
    if user_by_id(user_id).is_guest:
        # A guest has the recovery link: two devices of one guest would be two keys that nobody can change.
        raise AccountRequired(_("Only people with an account can log in on another device by a code."))
    code = DeviceCode.objects.with_token(token).select_related("confirmed_in").first()
    if code is None:
        limit("device-code.unknown", address, **UNKNOWN_PER_PREFIX)
        raise DeviceCodeUnknown
    if code.confirmed_in is None or code.confirmed_in.user_id != user_id:
        _refuse_unless_waiting(code)
    return code


def confirm_device_code(*, token: str, user_id: UUID, session_id: UUID, address: str) -> None:
    """Whoever holds the new device is this person there; said twice, it is said once. Raises as `scanned_code`."""
    code = scanned_code(token=token, user_id=user_id, address=address)
    now = timezone.now()
    waiting = DeviceCode.objects.waiting(now).filter(id=code.id)
    if not waiting.update(confirmed_at=now, confirmed_in_id=session_id):
        scanned_code(token=token, user_id=user_id, address=address)


def decline_device_code(*, token: str, user_id: UUID, address: str) -> None:
    """Nobody comes in by this code. Raises as `scanned_code`, also for one that this person has confirmed."""
    code = scanned_code(token=token, user_id=user_id, address=address)
    now = timezone.now()
    if not DeviceCode.objects.waiting(now).filter(id=code.id).update(declined_at=now):
        code.refresh_from_db()
        _refuse_unless_waiting(code)


def collect_device_code(*, code_id: UUID, secret: str, remember: bool, address: str) -> Tokens | None:
    """A session for the new device; None while nobody has said anything.

    Raises DeviceCodeUnknown, DeviceCodeExpired, DeviceCodeDeclined, DeviceCodeUsed, TooMany.
    """
    code = DeviceCode.objects.with_secret(code_id, secret).first()
    if code is None:
        limit("device-code.unknown", address, **UNKNOWN_PER_PREFIX)
        raise DeviceCodeUnknown
    limit("device-code.collect", str(code.id), **COLLECTS_PER_CODE)
    if code.status(timezone.now()) == "waiting":
        return None
    with transaction.atomic():
        _claim(code)
        vouching = _vouching_session(code)
        device = Device(code.user_agent, code.address)
        tell_of_change(user_id=vouching.user_id, change=Change.SIGNED_IN, device=device)
        return open_session(
            user_id=vouching.user_id,
            remember=remember,
            device=device,
            authenticated_at=min(vouching.authenticated_at, timezone.now() - REAUTHENTICATION_LIFETIME),
        )


def forget_device_codes() -> int:
    """Delete what ended some minutes ago. Runs now and then."""
    return old_device_codes().delete()[0]


def old_device_codes() -> QuerySet[DeviceCode]:
    return DeviceCode.objects.filter(expires_at__lt=timezone.now() - KEPT)


def _claim(code: DeviceCode) -> None:
    """The row count decides: of many who ask at once, one gets the session."""
    now = timezone.now()
    claimed = DeviceCode.objects.collectable(now).filter(id=code.id).update(collected_at=now)
    code.refresh_from_db()
    if not claimed:
        _refuse_unless_waiting(code)


def _vouching_session(code: DeviceCode) -> Session:
    """Locked, and its person before it: whatever ends it at this moment comes before or after the new one."""
    assert code.confirmed_in is not None  # the row's own constraint
    person = users.lock_person(user_id=code.confirmed_in.user_id)
    vouching = Session.objects.alive().select_for_update().filter(id=code.confirmed_in.id).first()
    if vouching is None or not is_welcome(person):  # ended meanwhile, it vouches for nobody any more
        raise DeviceCodeExpired
    return vouching


def _refuse_unless_waiting(code: DeviceCode) -> None:
    refusal = REFUSALS.get(code.status(timezone.now()))
    if refusal:
        raise refusal
