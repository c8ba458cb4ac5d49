"""Codes of an authenticator app (RFC 6238) and recovery codes: turned on, renewed, used; each once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code, normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, encrypt
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from abdre.device import Device
from abdre.limits import count, forget, limit
from auth_svc.errors.factors import EnrolmentExpired, NoSecondFactor, TotpIsOn, TotpNotFound, WrongCode
from auth_svc.selectors import was_signed_in_at
from auth_svc.selectors.factors import CODES, TOTP, factors_of, held
from auth_svc.services.factors import changer, note_added, note_removed, other_codes
from auth_svc.services.mail import Change, tell_of_change
from user_svc import services as users

# Time enough to find an app in a shop and to install it.
ENROLMENT_S = 900
SALT = "auth_svc.totp"

# Who tries codes knows the password. By network, so that the owner at home is not shut out with the guesser; by person,
# since six digits do not withstand many networks for long: past that only where the person was signed in before.
# Sessions that are open and passkeys know of no limit.
FAILURES_PER_PERSON_AND_PREFIX = {"limit": 5, "window_s": 300}
TRIES_PER_PERSON = {"limit": 60, "window_s": 3600}


@dataclass(frozen=True)
class Enrolment:
    """What an app is told, and the word by which `turn_on_totp` knows it again."""

    secret: str
    uri: str
    state: str


def begin_totp(*, user_id: UUID, session_id: UUID, state: str = "") -> Enrolment:
    """`state`: show the one that was begun once more.

    Raises TotpIsOn, AccountRequired, ReauthenticationRequired, SecondFactorNeeded.
    """
    user = changer(user_id=user_id, session_id=session_id)
    if held(user_id, TOTP).exists():
        raise TotpIsOn
    secret = _pending(state, user_id) if state else generate_totp_secret()
    state = state or signing.dumps([str(user_id), encrypt(secret)], salt=SALT)
    return Enrolment(secret, get_adapter().build_totp_url(user, secret), state)


def turn_on_totp(*, user_id: UUID, session_id: UUID, state: str, code: str, device: Device) -> list[str]:
    """The recovery codes, where this is the first factor.

    Raises WrongCode, EnrolmentExpired, TotpIsOn, AccountRequired, ReauthenticationRequired, SecondFactorNeeded.
    """
    changer(user_id=user_id, session_id=session_id)
    secret = _pending(state, user_id)
    counter = _counter_of(secret, code)
    if counter is None:
        raise WrongCode
    try:
        with transaction.atomic():
            users.lock_person(user_id=user_id)
            data = {"secret": encrypt(secret), "counter": counter}
            Authenticator.objects.create(user_id=user_id, type=TOTP, data=data)
            return note_added(user_id=user_id, session_id=session_id, change=Change.TOTP_ADDED, device=device)
    except IntegrityError as problem:
        raise TotpIsOn from problem


def turn_off_totp(*, user_id: UUID, session_id: UUID, device: Device) -> None:
    """Raises TotpNotFound, AccountRequired, ReauthenticationRequired, SecondFactorNeeded."""
    changer(user_id=user_id, session_id=session_id)
    with transaction.atomic():
        users.lock_person(user_id=user_id)
        if not held(user_id, TOTP).delete()[0]:
            raise TotpNotFound
        note_removed(user_id=user_id, change=Change.TOTP_REMOVED, device=device)


def renew_recovery_codes(*, user_id: UUID, session_id: UUID, device: Device) -> list[str]:
    """Raises NoSecondFactor, AccountRequired, ReauthenticationRequired, SecondFactorNeeded."""
    changer(user_id=user_id, session_id=session_id)
    with transaction.atomic():
        users.lock_person(user_id=user_id)
        if not factors_of(user_id):
            raise NoSecondFactor
        tell_of_change(user_id=user_id, change=Change.RECOVERY_CODES, device=device)
        return other_codes(user_id)


def use_code(*, user_id: UUID, code: str, device: Device) -> None:
    """A code of the app, or a recovery code, which is used up. Raises WrongCode, TooMany."""
    subject = f"{user_id}:{device.address}"
    limit("second-factor", subject, **FAILURES_PER_PERSON_AND_PREFIX)
    everywhere = count("second-factor-everywhere", str(user_id), **TRIES_PER_PERSON)
    if everywhere and not was_signed_in_at(user_id, device.address):
        everywhere.check()
    is_of_app = len(normalize_user_code(code)) == app_settings.TOTP_DIGITS
    if not (_use_totp(user_id, code) if is_of_app else _use_recovery_code(user_id, code, device)):
        raise WrongCode
    forget("second-factor", subject)


def _pending(state: str, user_id: UUID) -> str:
    try:
        owner, sealed = signing.loads(state, salt=SALT, max_age=ENROLMENT_S)
    except signing.BadSignature as problem:
        raise EnrolmentExpired from problem
    if owner != str(user_id):
        raise EnrolmentExpired
    return str(decrypt(sealed))


def _use_totp(user_id: UUID, code: str) -> bool:
    app = held(user_id, TOTP).first()
    counter = _counter_of(decrypt(app.data["secret"]), code) if app else None
    if app is None or counter is None:
        return False
    # The condition is the claim: neither this code nor an older one is ever taken again (RFC 6238, 5.2).
    unused = Authenticator.objects.filter(id=app.pk, data__counter__lt=counter)
    return bool(unused.update(data={**app.data, "counter": counter}, last_used_at=timezone.now()))


def _counter_of(secret: str, code: str) -> int | None:
    """At which step of time the app shows this code, among those that count as now."""
    return next((counter for counter in yield_hotp_counters_from_time() if _is(code, secret, counter)), None)


def _is(code: str, secret: str, counter: int) -> bool:
    return bool(compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))))


def _use_recovery_code(user_id: UUID, code: str, device: Device) -> bool:
    row = held(user_id, CODES).first()
    codes = RecoveryCodes(row).generate_codes() if row else []
    number = next((i for i, own in enumerate(codes) if compare_user_code(actual=code, expected=own)), None)
    if row is None or number is None:
        return False
    with transaction.atomic():
        if not _claim(row.pk, row.data["seed"], number):
            return False
        tell_of_change(user_id=user_id, change=Change.RECOVERY_CODE_USED, device=device)
    return True


def _claim(row_id: int, seed: str, number: int) -> bool:
    """Compare and set, since SQLite locks no rows; another code used at this moment makes us look again."""
    while row := Authenticator.objects.filter(id=row_id, data__seed=seed).first():
        mask = row.data["used_mask"]
        if mask & (1 << number):
            return False
        same = Authenticator.objects.filter(id=row_id, data__seed=seed, data__used_mask=mask)
        if same.update(data={**row.data, "used_mask": mask | (1 << number)}, last_used_at=timezone.now()):
            return True
    return False
