"""Coming in by password, by a login elsewhere, or by a passkey: what is asked of whom before there is a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing
from django.utils.crypto import constant_time_compare

from abdre.device import Device
from auth_svc.errors.factors import ChallengeExpired, PasskeyRefused, SecondFactorRequired
from auth_svc.errors.sessions import WrongCredentials
from auth_svc.selectors.factors import factors_of
from auth_svc.services.accounts import bring_along
from auth_svc.services.codes import use_code
from auth_svc.services.guessing import failures_counted
from auth_svc.services.passkeys import use_passkey
from auth_svc.services.sessions import Tokens, closed, is_welcome, note_authentication, open_session
from auth_svc.services.webauthn import Credential
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

CHALLENGE_S = 300
SALT = "auth_svc.second-factor"


@dataclass(frozen=True)
class CodeProof:
    """A code of the app or a recovery code."""

    code: str


@dataclass(frozen=True)
class PasskeyProof:
    credential: Credential
    state: str
    origin: str


Proof = CodeProof | PasskeyProof


def admit(*, user: User, device: Device, remember: bool = True, guest_id: UUID | None = None) -> Tokens:
    """Sign in who has shown a first factor: a password, or a login elsewhere.

    Raises SecondFactorRequired, WrongCredentials, AccountClosed.
    """
    if factors := factors_of(user.id):
        raise SecondFactorRequired(challenge=_challenge(user, remember), factors=factors, expires_in=CHALLENGE_S)
    return _let_in(user, device, remember, guest_id, by_second_factor=False)


@failures_counted()
def pass_second_step(*, challenge: str, proof: Proof, device: Device, guest_id: UUID | None = None) -> Tokens:
    """Sign in who was asked for a second factor, and shows it.

    Raises ChallengeExpired, AccountClosed, WrongCode, PasskeyRefused, TooMany, Unavailable.
    """
    user, remember = _challenged(challenge)
    _check(proof, user.id, device)
    try:
        return _let_in(user, device, remember, guest_id, by_second_factor=True)
    except WrongCredentials as problem:
        raise ChallengeExpired from problem


@failures_counted()
def sign_in_by_passkey(
    *, proof: PasskeyProof, device: Device, remember: bool = True, guest_id: UUID | None = None
) -> Tokens:
    """A passkey is both factors: something one has, and the finger, face or PIN that it asked for.

    Raises PasskeyRefused, AccountClosed, WrongCredentials, Unavailable.
    """
    user = user_by_id(use_passkey(credential=proof.credential, state=proof.state, origin=proof.origin))
    if not is_welcome(user):
        raise closed(user)
    return _let_in(user, device, remember, guest_id, by_second_factor=True)


def reauthenticate_by_factor(*, user_id: UUID, session_id: UUID, proof: Proof, device: Device) -> None:
    """Raises WrongCode, PasskeyRefused, TooMany, Unavailable."""
    _check(proof, user_id, device)
    note_authentication(session_id=session_id, by_second_factor=True)


def _let_in(user: User, device: Device, remember: bool, guest_id: UUID | None, *, by_second_factor: bool) -> Tokens:
    """`user` as they were when they showed who they are.

    Raises WrongCredentials, AccountClosed where that is so no longer.
    """
    tokens = open_session(
        user_id=user.id,
        remember=remember,
        by_second_factor=by_second_factor,
        device=device,
        password=user.password,
    )
    if guest_id is not None:
        bring_along(guest_id=guest_id, user_id=user.id)
    return tokens


def _check(proof: Proof, user_id: UUID, device: Device) -> None:
    if isinstance(proof, CodeProof):
        use_code(user_id=user_id, code=proof.code, device=device)
    elif use_passkey(credential=proof.credential, state=proof.state, origin=proof.origin) != user_id:
        raise PasskeyRefused


def _challenge(user: User, remember: bool) -> str:
    # With the password's hash: who changes it because somebody knows it shuts out whom it has let half in.
    return signing.dumps([str(user.id), user.get_session_auth_hash(), remember], salt=SALT)


def _challenged(challenge: str) -> tuple[User, bool]:
    try:
        user_id, password, remember = signing.loads(challenge, salt=SALT, max_age=CHALLENGE_S)
        user = user_by_id(UUID(user_id))
    except (signing.BadSignature, UserNotFound) as problem:
        raise ChallengeExpired from problem
    if not constant_time_compare(password, user.get_session_auth_hash()):
        raise ChallengeExpired
    if not is_welcome(user):
        raise closed(user)
    return user, remember
