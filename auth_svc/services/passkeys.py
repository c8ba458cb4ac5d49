"""Passkeys: added, named, removed, shown."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData, AuthenticatorData, RegistrationResponse

from abdre.device import Device
from auth_svc.errors.factors import PasskeyNotFound, PasskeyRefused, TooManyPasskeys
from auth_svc.errors.sessions import LastWayIn
from auth_svc.selectors.factors import PASSKEY, held
from auth_svc.services import webauthn
from auth_svc.services.factors import changer, note_added, note_removed
from auth_svc.services.mail import Change
from auth_svc.services.webauthn import Asked, Credential, Owner
from user_svc import services as users

log = logging.getLogger(__name__)

PASSKEYS_LIMIT = 20  # each is looked at when one is shown


def begin_passkey(*, user_id: UUID, session_id: UUID, origin: str) -> Asked:
    """Raises TooManyPasskeys, AccountRequired, ReauthenticationRequired, SecondFactorNeeded."""
    user = changer(user_id=user_id, session_id=session_id)
    known = known_credentials(user_id)
    if len(known) >= PASSKEYS_LIMIT:
        raise TooManyPasskeys
    owner = Owner(user_id, user.username or "", user.display_name, known)
    return webauthn.ask_to_create(owner, origin=origin, purpose="add")


def add_passkey(
    *, user_id: UUID, session_id: UUID, name: str, credential: Credential, state: str, origin: str, device: Device
) -> tuple[Authenticator, list[str]]:
    """The new passkey, and the recovery codes where it is the first factor.

    Raises PasskeyRefused, AccountRequired, ReauthenticationRequired, SecondFactorNeeded, Unavailable.
    """
    changer(user_id=user_id, session_id=session_id)
    made, facts = webauthn.created(credential, origin=origin, purpose="add", state=state)
    if facts["user"] != str(user_id):
        raise PasskeyRefused
    with transaction.atomic():
        users.lock_person(user_id=user_id)
        passkey = keep_passkey(user_id=user_id, name=name, credential=credential, made=made)
        codes = note_added(user_id=user_id, session_id=session_id, change=Change.PASSKEY_ADDED, device=device)
    return passkey, codes


def keep_passkey(*, user_id: UUID, name: str, credential: Credential, made: AuthenticatorData) -> Authenticator:
    """Raises PasskeyRefused for one that the person has already.

    Somebody else's may be the same: a passkey is looked for among those of the person that it names.
    """
    assert made.credential_data is not None  # `created` has looked
    if _with_id(user_id, made.credential_data.credential_id):
        raise PasskeyRefused
    data = {"name": name, "credential": _canonical(credential, made.credential_data), "sign_count": made.counter}
    passkey: Authenticator = Authenticator.objects.create(user_id=user_id, type=PASSKEY, data=data)
    return passkey


def _canonical(credential: Credential, made: AttestedCredentialData) -> dict[str, Any]:
    """As allauth reads it, written anew from its bytes: base64 may hide signs that PostgreSQL does not keep."""
    answer = RegistrationResponse.from_dict(credential).response
    parts = {"clientDataJSON": answer.client_data, "attestationObject": answer.attestation_object}
    key = websafe_encode(made.credential_id)
    response = {name: websafe_encode(part) for name, part in parts.items()}
    return {"id": key, "rawId": key, "type": "public-key", "response": response}


def rename_passkey(*, user_id: UUID, passkey_id: int, name: str) -> Authenticator:
    """Raises PasskeyNotFound."""
    with transaction.atomic():
        passkey = held(user_id, PASSKEY).select_for_update().filter(id=passkey_id).first()
        if passkey is None:
            raise PasskeyNotFound
        passkey.data["name"] = name
        passkey.save(update_fields=["data"])
    return passkey


def remove_passkey(*, user_id: UUID, session_id: UUID, passkey_id: int, device: Device) -> None:
    """Raises PasskeyNotFound, LastWayIn, AccountRequired, ReauthenticationRequired, SecondFactorNeeded."""
    changer(user_id=user_id, session_id=session_id)
    with transaction.atomic():
        user = users.lock_person(user_id=user_id)
        mine = {passkey.id for passkey in held(user_id, PASSKEY)}
        if passkey_id not in mine:
            raise PasskeyNotFound
        if len(mine) == 1 and not user.has_usable_password() and not _can_log_in_elsewhere(user_id):
            raise LastWayIn
        held(user_id, PASSKEY).filter(id=passkey_id).delete()
        note_removed(user_id=user_id, change=Change.PASSKEY_REMOVED, device=device)


def _can_log_in_elsewhere(user_id: UUID) -> bool:
    """oauth_svc, above us, is asked by the settings' word."""
    return bool(import_string(settings.CAN_LOG_IN_ELSEWHERE)(user_id))


def use_passkey(*, credential: Credential, state: str, origin: str) -> UUID:
    """Whose passkey was shown just now, with their finger, face or PIN. Raises PasskeyRefused, Unavailable."""
    user_id = webauthn.claimed_owner(credential)
    shown = webauthn.shown(credential, known_credentials(user_id), origin=origin, state=state)
    passkey = _with_id(user_id, shown.credential_id)
    if passkey is None or not _count(passkey, shown.sign_count):
        raise PasskeyRefused
    return user_id


def known_credentials(user_id: UUID) -> list[AttestedCredentialData]:
    return [_credential(passkey) for passkey in held(user_id, PASSKEY)]


def _with_id(user_id: UUID, credential_id: bytes) -> Authenticator | None:
    return next((own for own in held(user_id, PASSKEY) if _credential(own).credential_id == credential_id), None)


def _credential(passkey: Authenticator) -> AttestedCredentialData:
    credential: Any = WebAuthn(passkey).authenticator_data.credential_data
    return AttestedCredentialData(credential)


def _count(passkey: Authenticator, sign_count: int) -> bool:
    """A counter that does not grow says that there are two of this passkey (WebAuthn, 7.2.21); 0 counts nothing."""
    before = passkey.data["sign_count"]
    if sign_count <= before and (sign_count or before):
        log.warning("passkey counts backwards", extra={"person": str(passkey.user_id), "passkey": passkey.pk})
        return False
    same = Authenticator.objects.filter(id=passkey.pk, data__sign_count=before)
    return bool(same.update(data={**passkey.data, "sign_count": sign_count}, last_used_at=timezone.now()))
