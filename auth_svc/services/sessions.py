"""Signing in and out: a session per device, and its chain of refresh secrets."""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from abdre import tokens
from abdre.device import NOWHERE, Device
from abdre.events import publish, user_group
from auth_svc.errors.factors import SecondFactorNeeded
from auth_svc.errors.sessions import (
    AccountClosed,
    ReauthenticationRequired,
    SessionNotFound,
    SignedOut,
    WrongCredentials,
)
from auth_svc.events import session_ended
from auth_svc.models import PersonalToken, RefreshToken, Session
from auth_svc.models.sessions import ADDRESS_LENGTH, USER_AGENT_LENGTH
from auth_svc.selectors.factors import factors_of, has_shown_second_factor
from auth_svc.selectors.sessions import has_shown_lately
from user_svc import services as users
from user_svc.selectors import reason_of_ban, user_by_id

if TYPE_CHECKING:
    from auth_svc.models.tokens import PersonalTokenQuerySet
    from user_svc.models import User

log = logging.getLogger(__name__)

LIFETIME = timedelta(seconds=settings.SESSION_LIFETIME_S)
GRACE = timedelta(seconds=settings.REFRESH_GRACE_S)


@dataclass(frozen=True)
class Tokens:
    """What a signed-in client holds; the only place where the refresh secret stands in the open."""

    access: str
    refresh: str
    expires_in: int
    user: User
    session_id: UUID
    remember: bool
    came_back: bool = False  # the account was deactivated until now

    @property
    def user_id(self) -> UUID:
        return self.user.id


def open_session(
    *,
    user_id: UUID,
    remember: bool = True,
    device: Device = NOWHERE,
    by_second_factor: bool = False,
    authenticated_at: datetime | None = None,
    password: str | None = None,
) -> Tokens:
    """Sign `user_id` in on a new device. Raises AccountClosed, WrongCredentials.

    `authenticated_at`: when the person showed who they are, if not in this moment. `password`: its hash as it was when
    they showed it; who has replaced it since has ended all sessions, also the one that would begin now.
    """
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        person = users.lock_person(user_id=user_id)
        _refuse_overtaken(person, password)
        session = Session.objects.create(
            user=person,
            remember=remember,
            user_agent=device.user_agent[:USER_AGENT_LENGTH].replace("\0", ""),
            address=device.address[:ADDRESS_LENGTH],
            expires_at=now + LIFETIME,
            authenticated_at=authenticated_at or now,
            second_factor_at=now if by_second_factor else None,
        )
        _remember_secret(secret, session)
        came_back = person.deactivated_at is not None and users.come_back(user_id=user_id)
    return replace(_tokens(session, secret), came_back=came_back)


def rotate(*, secret: str, by_cookie: bool) -> Tokens:
    """The next pair for a refresh secret. Raises SignedOut.

    A secret that comes again is known to two people, so its session ends; by cookie not within the ten seconds in
    which two tabs, two workers or a lost answer make the same picture.
    """
    token = RefreshToken.objects.select_related("session").filter(token_hash=_hash(secret)).first()
    if token is None:
        raise SignedOut
    with transaction.atomic():
        session = _slide(token.session)
        successor = _claim(token, secret, session) or (_repeat(token, secret) if by_cookie else None)
        if successor is None:
            _end([session])
    if successor is None:
        log.warning("refresh token reused", extra={"session": str(session.id), "person": str(session.user_id)})
        raise SignedOut
    return _tokens(session, successor)


def renew(*, session_id: UUID) -> Tokens:
    """A fresh pair for a session whose person has changed standing; the refresh secret it had is forgotten.

    Raises SignedOut.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        session = _slide(Session.objects.get(id=session_id))
        RefreshToken.objects.filter(session=session, used_at__isnull=True).delete()
        _remember_secret(secret, session)
    return _tokens(session, secret)


def end_session(*, user_id: UUID, session_id: UUID) -> None:
    """Sign one of the person's own devices out. Raises SessionNotFound."""
    with transaction.atomic():
        session = Session.objects.of(user_id).alive().filter(id=session_id).first()
        if session is None:
            raise SessionNotFound
        _end([session])


def sign_out(*, user_id: UUID, session_id: UUID) -> None:
    """End the person's own session, wherever it stands; a second time changes nothing."""
    with suppress(SessionNotFound):
        end_session(user_id=user_id, session_id=session_id)


def end_sessions(*, user_id: UUID, except_: UUID | None = None) -> int:
    """Sign the person out on every device but that of the session `except_`; how many sessions were ended.

    With no such exception programs go too: the person's personal tokens and their bots' are revoked.
    """
    with transaction.atomic():
        users.lock_person(user_id=user_id)  # else one that is being opened would be neither there nor refused
        ending = [session for session in Session.objects.of(user_id).in_person().alive() if session.id != except_]
        if except_ is None:
            ending += _revoke(PersonalToken.objects.filter(Q(user_id=user_id) | Q(user__bot_owner_id=user_id)))
        _end(ending)
    return len(ending)


def revoke_tokens(those: PersonalTokenQuerySet) -> None:
    """In a transaction: they open nothing any more, and what they have opened ends."""
    _end(_revoke(those))


def _revoke(those: PersonalTokenQuerySet) -> list[Session]:
    """The sessions that end with them."""
    ids = list(those.filter(revoked_at=None).values_list("id", flat=True))
    if not ids:
        return []
    PersonalToken.objects.filter(id__in=ids).update(revoked_at=timezone.now())
    return list(Session.objects.alive().filter(token_id__in=ids))


def end_all_sessions() -> int:
    """Sign everybody out, programs too, where no process serves anybody: nobody is told. How many sessions ended."""
    now = timezone.now()
    with transaction.atomic():
        PersonalToken.objects.filter(revoked_at=None).update(revoked_at=now)
        return Session.objects.filter(ended_at=None).update(ended_at=now)


def forget_old_sessions() -> int:
    """Delete what was over long ago: nobody lists it, and no secret of it could still be reused. Runs now and then."""
    long_ago = timezone.now() - LIFETIME
    RefreshToken.objects.filter(used_at__lt=long_ago).delete()
    PersonalToken.objects.filter(Q(revoked_at__lt=long_ago) | Q(expires_at__lt=long_ago)).delete()
    return old_sessions().delete()[1].get(Session._meta.label, 0)


def old_sessions() -> QuerySet[Session]:
    long_ago = timezone.now() - LIFETIME
    return Session.objects.filter(Q(ended_at__lt=long_ago) | Q(expires_at__lt=long_ago))


def require_recent(*, session_id: UUID) -> None:
    """Before a change of how one signs in, and before what takes the person's data along.

    Raises SecondFactorNeeded, ReauthenticationRequired.
    """
    session = Session.objects.in_person().alive().filter(id=session_id).first()
    if session is None:
        raise ReauthenticationRequired
    _refuse_unshown_factor(session.user_id, has_shown=session.second_factor_at is not None)
    if not has_shown_lately(session):
        raise ReauthenticationRequired


def require_second_factor_shown(*, user_id: UUID, session_id: UUID) -> None:
    """Nothing else replaces what this session has never shown. Raises SecondFactorNeeded."""
    _refuse_unshown_factor(user_id, has_shown=has_shown_second_factor(session_id))


def _refuse_unshown_factor(user_id: UUID, *, has_shown: bool) -> None:
    # Asked of the session before: when the last factor goes meanwhile, both are gone at once, and none is to be shown.
    if not has_shown and factors_of(user_id):
        raise SecondFactorNeeded


def note_authentication(*, session_id: UUID, by_second_factor: bool = False) -> None:
    """The person has just shown, in this session, who they are."""
    now = timezone.now()
    facts = {"authenticated_at": now, **({"second_factor_at": now} if by_second_factor else {})}
    Session.objects.filter(id=session_id).update(**facts)


def is_welcome(user: User) -> bool:
    """Whether this person may have a session at all."""
    return user.is_active and user.banned_at is None


def closed(user: User) -> AccountClosed:
    """What somebody reads who has just shown that this account, which is not welcome, is theirs."""
    return AccountClosed(reason_of_ban(user.id) if user.banned_at else "")


def _refuse_overtaken(user: User, password: str | None) -> None:
    if not is_welcome(user):
        raise closed(user)
    if password is not None and user.password != password:
        raise WrongCredentials


def _slide(session: Session) -> Session:
    """Move the living session's end; it also locks the row, so that renewals of one session come one after another."""
    now = timezone.now()
    alive = Session.objects.alive(now).filter(id=session.id)
    if not alive.update(last_used_at=now, expires_at=now + LIFETIME):
        raise SignedOut
    session.user = user_by_id(session.user_id)
    if not is_welcome(session.user):
        raise SignedOut
    session.last_used_at, session.expires_at = now, now + LIFETIME
    return session


def _claim(token: RefreshToken, secret: str, session: Session) -> str | None:
    """The successor of a secret used for the first time, else None."""
    now = session.last_used_at
    fresh = RefreshToken.objects.filter(id=token.id, used_at__isnull=True)
    if not fresh.update(used_at=now):
        return None
    successor = _successor(secret)
    RefreshToken.objects.filter(id=token.id).update(successor=_remember_secret(successor, session))
    return successor


def _repeat(token: RefreshToken, secret: str) -> str | None:
    """The living end of the chain that `secret` was used for moments ago, else None."""
    oldest: datetime = timezone.now() - GRACE
    link: RefreshToken | None = RefreshToken.objects.get(id=token.id)
    while link and link.used_at:
        if link.used_at < oldest:
            return None
        secret = _successor(secret)
        link = link.successor
    return secret if link else None


def _remember_secret(secret: str, session: Session) -> RefreshToken:
    return RefreshToken.objects.create(session=session, token_hash=_hash(secret))


def _end(sessions: list[Session]) -> None:
    """End rows, refuse their access tokens at once, close their sockets."""
    ids = [session.id for session in sessions]
    Session.objects.filter(id__in=ids, ended_at__isnull=True).update(ended_at=timezone.now())
    users.forget_push_of(ids)
    for session in sessions:
        transaction.on_commit(partial(tokens.mark_ended, session.id))
        publish(user_group(session.user_id), session_ended(session.id))


def _tokens(session: Session, secret: str) -> Tokens:
    return Tokens(
        access=tokens.AccessToken.issue(user_id=session.user_id, session_id=session.id),
        refresh=secret,
        expires_in=settings.ACCESS_TOKEN_LIFETIME_S,
        user=session.user,
        session_id=session.id,
        remember=session.remember,
    )


def _hash(secret: str) -> str:
    # A fast hash is right here: the secret has 256 random bits, nobody can guess along.
    return hashlib.sha256(secret.encode()).hexdigest()


def _successor(secret: str) -> str:
    """Derived instead of drawn, so that a repeat within the grace gets the same one and none is ever stored."""
    digest = salted_hmac("auth_svc.refresh.successor", secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
