"""Personal tokens: made, exchanged for what every role verifies, revoked.

A token is a password for programs, so it is shown once and kept as a hash. It opens nothing by itself: it is exchanged
for an access token in a session of its own, which ends with it. So every other role goes on verifying by public keys
alone.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre import tokens
from abdre.device import NOWHERE, Device
from auth_svc.errors.tokens import InvalidToken, TokenNotFound, TooManyTokens, WrongToken
from auth_svc.models import PersonalToken, Session
from auth_svc.models.invitations import hash_of
from auth_svc.models.sessions import ADDRESS_LENGTH, USER_AGENT_LENGTH
from auth_svc.models.tokens import NAME_LIMIT
from auth_svc.selectors.tokens import scopes_of
from auth_svc.services.factors import changer
from auth_svc.services.mail import Change, tell_of_change
from auth_svc.services.sessions import is_welcome, revoke_tokens
from user_svc import services as users
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

# By which scanners of public code know one that was published by mistake.
PREFIX = "abdre_pat_"
TOKENS_PER_PERSON = 50
DAYS_LIMIT = 366
SESSION_LIFETIME = timedelta(seconds=settings.SESSION_LIFETIME_S)
UNSTORABLE = re.compile("[\0-\x1f\ud800-\udfff]")


@dataclass(frozen=True)
class MadeToken:
    """The only place where the token stands in the open."""

    row: PersonalToken
    token: str


@dataclass(frozen=True)
class Exchanged:
    access: str
    expires_in: int
    user: User


def create_token(
    *, user_id: UUID, session_id: UUID, name: str, writes: bool, days: int, device: Device = NOWHERE
) -> MadeToken:
    """For a member, who has shown a moment ago who they are, and is told by letter.

    Raises AccountRequired, ReauthenticationRequired, SecondFactorNeeded, InvalidToken, TooManyTokens.
    """
    person = changer(user_id=user_id, session_id=session_id)
    cleaned = _checked_name(name)
    if not 1 <= days <= DAYS_LIMIT:
        raise InvalidToken("days", _("From 1 to 366 days."))
    with transaction.atomic():
        users.lock_person(user_id=person.id)
        if PersonalToken.objects.of(person.id).alive().count() >= TOKENS_PER_PERSON:
            raise TooManyTokens
        made = new_token(user_id=person.id, name=cleaned, writes=writes, lasts=timedelta(days=days))
        tell_of_change(user_id=person.id, change=Change.TOKEN_ADDED, device=device)
    return made


def new_token(*, user_id: UUID, name: str, writes: bool = True, lasts: timedelta | None = None) -> MadeToken:
    token = PREFIX + secrets.token_urlsafe(32)
    row = PersonalToken.objects.create(
        user_id=user_id,
        name=name,
        token_hash=hash_of(token),
        ending=token[-4:],
        writes=writes,
        expires_at=timezone.now() + lasts if lasts else None,
    )
    return MadeToken(row, token)


def revoke_token(*, user_id: UUID, token_id: UUID) -> None:
    """It opens nothing from now on, and its program is out within two seconds. Raises TokenNotFound."""
    with transaction.atomic():
        users.lock_person(user_id=user_id)
        own = PersonalToken.objects.of(user_id).alive().filter(id=token_id)
        if not own.exists():
            raise TokenNotFound
        revoke_tokens(own)


def exchange_token(*, token: str, device: Device = NOWHERE) -> Exchanged:
    """A short access token for a personal one. Raises WrongToken."""
    found = PersonalToken.objects.filter(token_hash=hash_of(token)).first()
    if found is None:
        raise WrongToken
    with transaction.atomic():
        person = users.lock_person(user_id=found.user_id)  # else a revocation at this moment would miss the session
        row = PersonalToken.objects.alive().filter(id=found.id).first()
        owner = user_by_id(person.bot_owner_id) if person.bot_owner_id else person
        if row is None or not (is_welcome(person) and is_welcome(owner)):
            raise WrongToken
        now = timezone.now()
        PersonalToken.objects.filter(id=row.id).update(last_used_at=now)
        session = _session(row, device, now)
    access = tokens.AccessToken.issue(user_id=person.id, session_id=session.id, scopes=scopes_of(row))
    return Exchanged(access, settings.ACCESS_TOKEN_LIFETIME_S, person)


def _session(token: PersonalToken, device: Device, now: datetime) -> Session:
    """The one that the token has open, or a new one; it never outlives the token."""
    until = min(token.expires_at or now + SESSION_LIFETIME, now + SESSION_LIFETIME)
    facts = {
        "last_used_at": now,
        "expires_at": until,
        "user_agent": device.user_agent[:USER_AGENT_LENGTH].replace("\0", ""),
        "address": device.address[:ADDRESS_LENGTH],
    }
    session = Session.objects.alive(now).filter(token=token).first()
    if session is None:
        return Session.objects.create(user_id=token.user_id, token=token, **facts)
    Session.objects.filter(id=session.id).update(**facts)
    return session


def _checked_name(name: str) -> str:
    cleaned = name.strip()
    if not 1 <= len(cleaned) <= NAME_LIMIT or UNSTORABLE.search(cleaned):
        raise InvalidToken("name", _("A name has 1 to 60 characters."))
    return cleaned
