"""The ceremonies of WebAuthn Level 2 (7.1, 7.2): what a browser is asked, and whether its answer is true.

Nothing is kept between the two: the challenge goes along, signed, and the store remembers which were answered.
"""

import logging
import struct
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.core import signing
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from abdre.errors import Unavailable
from abdre.store import StoreAway, store
from auth_svc.errors.factors import PasskeyRefused

log = logging.getLogger(__name__)

LIFETIME_S = 300
SITE = "ABDRE Chat"
# EdDSA, ES256, RS256: what every maker of authenticators has one of.
ALGORITHMS = (-8, -7, -257)
# What fido2 raises on bytes that are not what they should be.
PROBLEMS = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error, RecursionError)

Purpose = Literal["add", "sign-up", "show"]
Credential = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """`options` for the browser's `navigator.credentials`; `state` comes back with what it answers."""

    options: dict[str, Any]
    state: str


@dataclass(frozen=True)
class Owner:
    """For whom a passkey is made; `known`: those they have already."""

    id: UUID
    name: str
    display_name: str
    known: list[AttestedCredentialData]


@dataclass(frozen=True)
class Shown:
    credential_id: bytes
    sign_count: int


def ask_to_create(owner: Owner, *, origin: str, purpose: Purpose, **facts: str) -> Asked:
    """`facts` come back from `created`, as they are now."""
    entity = PublicKeyCredentialUserEntity(id=owner.id.bytes, name=owner.name, display_name=owner.display_name)
    options, challenge = _server(origin).register_begin(
        entity,
        credentials=owner.known,
        # Discoverable and with the person's finger, face or PIN: then it replaces name and password.
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(dict(options), _signed(purpose, challenge, user=str(owner.id), **facts))


def created(credential: Credential, *, origin: str, purpose: Purpose, state: str) -> tuple[AuthenticatorData, Any]:
    """What was made, and the facts. Raises PasskeyRefused, Unavailable."""
    facts = _spent(purpose, state)
    try:
        _refuse_framed(RegistrationResponse.from_dict(credential).response.client_data)
        made = _server(origin).register_complete(facts["challenge"], credential)
        if made.credential_data is None or made.credential_data.public_key.ALGORITHM not in ALGORITHMS:
            raise PasskeyRefused
    except PROBLEMS as problem:
        raise _refused(problem) from problem
    return made, facts


def ask_to_show(*, origin: str) -> Asked:
    """Any passkey of this place: who it is, is seen by the answer."""
    options, challenge = _server(origin).authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return Asked(dict(options), _signed("show", challenge))


def claimed_owner(credential: Credential) -> UUID:
    """Whose passkey it says it is. Raises PasskeyRefused."""
    try:
        return UUID(bytes=AuthenticationResponse.from_dict(credential).response.user_handle or b"")
    except PROBLEMS as problem:
        raise _refused(problem) from problem


def shown(credential: Credential, known: list[AttestedCredentialData], *, origin: str, state: str) -> Shown:
    """Raises PasskeyRefused, Unavailable."""
    facts = _spent("show", state)
    try:
        answer = AuthenticationResponse.from_dict(credential).response
        _refuse_framed(answer.client_data)
        used = _server(origin).authenticate_complete(facts["challenge"], known, credential)
        return Shown(used.credential_id, answer.authenticator_data.counter)
    except PROBLEMS as problem:
        raise _refused(problem) from problem


def _server(origin: str) -> Fido2Server:
    """Its place is the pages' host; what comes from another origin, a sub-domain's too, is refused."""
    place = PublicKeyCredentialRpEntity(id=urlsplit(origin).hostname or "", name=SITE)
    server = Fido2Server(place, verify_origin=lambda said: said == origin)
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)
        for algorithm in ALGORITHMS
    ]
    return server


def _signed(purpose: Purpose, challenge: dict[str, Any], **facts: str) -> str:
    return signing.dumps({**facts, "challenge": challenge}, salt=f"auth_svc.webauthn.{purpose}")


def _spent(purpose: Purpose, state: str) -> dict[str, Any]:
    """The facts of a state that nobody has answered before; whether the answer is right, this was its only one."""
    try:
        facts: dict[str, Any] = signing.loads(state, salt=f"auth_svc.webauthn.{purpose}", max_age=LIFETIME_S)
    except signing.BadSignature as problem:
        raise PasskeyRefused from problem
    try:
        times = store.hit(f"webauthn:{facts['challenge']['challenge']}", window_s=LIFETIME_S + 60).times
    except StoreAway as problem:  # nobody could say whether it is a repeat
        raise Unavailable(retry_after_s=1) from problem
    if times > 1:
        raise PasskeyRefused
    return facts


def _refuse_framed(said: CollectedClientData) -> None:
    if said.cross_origin:
        raise PasskeyRefused


def _refused(problem: Exception) -> PasskeyRefused:
    log.info("passkey refused", extra={"problem": str(problem)[:200]})
    return PasskeyRefused()
