"""An account without a password: it begins with a passkey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from auth_svc.errors.factors import PasskeyRefused
from auth_svc.services import webauthn
from auth_svc.services.accounts import register
from auth_svc.services.entry import PasskeyProof
from auth_svc.services.factors import first_codes
from auth_svc.services.passkeys import keep_passkey
from auth_svc.services.webauthn import Asked, Owner
from user_svc import services as users
from user_svc.errors import UsernameTaken
from user_svc.selectors import user_by_login

if TYPE_CHECKING:
    from user_svc.models import User


@dataclass(frozen=True)
class SignedUp:
    user: User
    recovery_codes: list[str]


def begin_sign_up(*, username: str, display_name: str, guest_id: UUID | None, origin: str) -> Asked:
    """Nothing is written yet. Raises InvalidName, UsernameTaken, NotAGuest."""
    member = users.prepare_member(guest_id=guest_id, username=username, password=None, display_name=display_name)
    if user_by_login(username):  # else the new passkey would stay behind in somebody's phone, good for nothing
        raise UsernameTaken
    owner = Owner(member.id, username, member.display_name, known=[])
    facts = {"username": username, "display_name": display_name, "guest": str(guest_id or "")}
    return webauthn.ask_to_create(owner, origin=origin, purpose="sign-up", **facts)


def sign_up_by_passkey(
    *,
    proof: PasskeyProof,
    name: str,
    email: str,
    address: str,
    letters_origin: str,
    guest_id: UUID | None,
) -> SignedUp:
    """`name` is the passkey's. Raises PasskeyRefused, TooMany, UsernameTaken, Unavailable."""
    made, facts = webauthn.created(proof.credential, origin=proof.origin, purpose="sign-up", state=proof.state)
    if facts["guest"] != str(guest_id or ""):
        raise PasskeyRefused  # begun as somebody else
    with transaction.atomic():
        user = register(
            username=facts["username"],
            display_name=facts["display_name"],
            password=None,
            email=email,
            address=address,
            origin=letters_origin,
            guest_id=guest_id,
            new_id=UUID(facts["user"]),
        )
        keep_passkey(user_id=user.id, name=name, credential=proof.credential, made=made)
        return SignedUp(user, first_codes(user.id))
