"""Coming in by an account at a provider: the same person every time, and never somebody else."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import TYPE_CHECKING
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from auth_svc.errors.sessions import AccountClosed
from auth_svc.selectors import holder_of
from auth_svc.services import hold_email, is_welcome
from chat_svc.services import lock_chats_of, promote_memberships
from oauth_svc.errors import EmailInUse
from oauth_svc.services.claims import Claims
from oauth_svc.services.linking import person_behind
from user_svc import services as users
from user_svc.errors import EmailTaken, InvalidName, UsernameTaken

if TYPE_CHECKING:
    from user_svc.models import User

NAME_TRIES = 8


def arrive(*, claims: Claims, guest_id: UUID | None) -> User:
    """The member behind the provider's account; who comes for the first time becomes one, a guest with all they have.

    A guest who has an account brings the chats along by signing in to it. Raises EmailInUse, AccountClosed.
    """
    known = person_behind(claims)
    if known is None:
        return _newcomer(claims, guest_id)
    if not is_welcome(known):
        raise AccountClosed
    return known


def _newcomer(claims: Claims, guest_id: UUID | None) -> User:
    if claims.email and holder_of(claims.email):
        raise EmailInUse
    try:
        with transaction.atomic():
            if guest_id is not None:
                lock_chats_of(guest_id)
            user = _become_member(claims, guest_id)
            promote_memberships(user_id=user.id)
            SocialAccount.objects.create(user_id=user.id, **claims.key, extra_data=claims.kept)
    except IntegrityError:
        # The same account came twice at once, and the other was first.
        known = person_behind(claims)
        if known is None:
            raise
        return known
    return user


def _become_member(claims: Claims, guest_id: UUID | None) -> User:
    for username in _usernames(claims):
        try:
            return _enter(claims, guest_id, username)
        except UsernameTaken:
            continue
        except EmailTaken as problem:
            raise EmailInUse from problem
    raise UsernameTaken


def _enter(claims: Claims, guest_id: UUID | None, username: str) -> User:
    name = "" if guest_id is not None else _display_name(claims.name)  # a guest keeps the name that others know
    member = users.save_member(
        users.prepare_member(guest_id=guest_id, username=username, password=None, display_name=name)
    )
    if claims.email:
        hold_email(user_id=member.id, email=claims.email)
    return member


def _usernames(claims: Claims) -> list[str]:
    """The name they have over there, then the same with digits behind it."""
    wished = claims.username or claims.email.partition("@")[0] or claims.name
    base = re.sub(r"[^\w.-]+", ".", unicodedata.normalize("NFKC", wished)).strip(".")[:24]
    if len(base) < 3:
        base = "member"
    return [base, *(f"{base}{secrets.randbelow(90_000) + 10_000}" for _ in range(NAME_TRIES))]


def _display_name(name: str) -> str:
    """Empty where the provider's name cannot be shown; the user name takes its place."""
    try:
        return users.checked_display_name(name[:60])
    except InvalidName:
        return ""
