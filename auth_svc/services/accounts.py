"""Becoming somebody: a guest, a member, and what a guest brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.db import transaction

from abdre.events import publish, user_group
from abdre.limits import limit
from auth_svc.errors.sessions import WrongCredentials, WrongPassword
from auth_svc.events import user_banned
from auth_svc.services.emails import add_pending_email, hold_email
from auth_svc.services.guessing import count_try, failures_counted, forgive
from auth_svc.services.invitations import hand_over_invitations, revoke_invitations
from auth_svc.services.recovery import revoke_recovery_links
from auth_svc.services.sessions import (
    closed,
    end_sessions,
    is_welcome,
    note_authentication,
    require_second_factor_shown,
)
from chat_svc.services import lock_chats_of, merge_memberships, promote_memberships
from user_svc import services as users
from user_svc.selectors import user_by_id, user_by_login

if TYPE_CHECKING:
    from user_svc.models import User

# A café has one address and a hundred people; a machine that makes accounts asks far more often than they do.
GUESTS_PER_PREFIX = {"limit": 120, "window_s": 600}
REGISTRATIONS_PER_PREFIX = {"limit": 60, "window_s": 600}
# Argon2 is dear on purpose, so the number of tries is what an address can cost us.
SIGN_INS_PER_PREFIX = {"limit": 300, "window_s": 60}
# Whoever holds somebody's unlocked phone may not try all their passwords, nor keep the owner from showing it elsewhere.
REAUTHENTICATIONS_PER_SESSION = {"limit": 10, "window_s": 300}


def be_guest(*, display_name: str, address: str) -> User:
    """Raises TooMany, InvalidName."""
    limit("guest", address, **GUESTS_PER_PREFIX)
    return users.create_guest(display_name=display_name)


def register(
    *,
    username: str,
    password: str | None,
    address: str,
    origin: str,
    email: str = "",
    display_name: str = "",
    guest_id: UUID | None = None,
    new_id: UUID | None = None,
) -> User:
    """A new member, or the guest `guest_id` as a member. Raises TooMany, InvalidName, UsernameTaken, WeakPassword.

    The e-mail address is noted as given by them and not more, whoever's it is; `origin` is that of the letter's link.
    `password=None` and `new_id`: for who has a passkey, in which the id stands already.
    """
    limit("register", address, **REGISTRATIONS_PER_PREFIX)
    member = users.prepare_member(
        guest_id=guest_id,
        username=username,
        password=password,
        email=email,
        display_name=display_name,
        new_id=new_id,
    )
    member.email = None  # it was given for the password to be unlike it; theirs it is when they have confirmed it
    with transaction.atomic():
        _enter(member, guest_id)
        if email:
            add_pending_email(user_id=member.id, email=email, origin=origin)
    return member


@failures_counted()
def sign_in(*, login: str, password: str, address: str) -> User:
    """The member with this name or confirmed address and password. Raises TooMany, WrongCredentials, AccountClosed."""
    user = user_by_login(login)
    count_try(login=login, user_id=user.id if user else None, address=address)
    limit("sign-in", address, **SIGN_INS_PER_PREFIX)
    right = _password_is_right(user, password)
    if user is None or not right:
        raise WrongCredentials
    forgive(user=user, address=address)
    if not is_welcome(user):
        raise closed(user)
    return user


def reauthenticate(*, user_id: UUID, session_id: UUID, password: str) -> None:
    """By the password; not in a session that has never shown a second factor that there is.

    Raises SecondFactorNeeded, WrongPassword, TooMany.
    """
    require_second_factor_shown(user_id=user_id, session_id=session_id)
    limit("reauthenticate", f"{user_id}:{session_id}", **REAUTHENTICATIONS_PER_SESSION)
    if not user_by_id(user_id).check_password(password):
        raise WrongPassword
    note_authentication(session_id=session_id)


def create_administrator(*, username: str, password: str, email: str = "", display_name: str = "") -> User:
    """A member who may do everything in the admin. Raises InvalidName, UsernameTaken, EmailTaken, WeakPassword."""
    member = users.prepare_member(username=username, password=password, email=email, display_name=display_name)
    member.email = None
    with transaction.atomic():
        user = users.save_member(member)
        users.make_administrator(user_id=user.id)
        if email:
            hold_email(user_id=user.id, email=email)
    return user


def ban(*, user_id: UUID) -> None:
    """Nowhere in any more, and nobody by a code of theirs; what they said stays. Raises UserNotFound.

    Part of a deed of the staff's, which is noted (`services/moderation/bans.py`).
    """
    with transaction.atomic():
        revoke_invitations(host_id=user_id)
        users.ban(user_id=user_id)
        publish(
            user_group(user_id), user_banned()
        )  # before the sessions' end, so that the sockets close with this word
        end_sessions(user_id=user_id)


def bring_along(*, guest_id: UUID, user_id: UUID) -> None:
    """Who was the guest until now is this member: the memberships move over and the guest signs out."""
    # Not one transaction: each chat is locked by itself, so that nobody waits for two at once. Codes go first, since a
    # code dies with its host's membership.
    hand_over_invitations(from_user_id=guest_id, to_user_id=user_id)
    revoke_recovery_links(user_id=guest_id)
    users.hand_over_blocks(from_user_id=guest_id, to_user_id=user_id)  # first, since the chats note what they say
    merge_memberships(from_user=guest_id, to_user=user_id)
    end_sessions(user_id=guest_id)


def _enter(member: User, guest_id: UUID | None) -> None:
    if guest_id is None:
        users.save_member(member)
        return
    lock_chats_of(guest_id)
    users.save_member(member)
    revoke_recovery_links(user_id=guest_id)
    promote_memberships(user_id=guest_id)


def _password_is_right(user: User | None, password: str) -> bool:
    """The same work whether the person exists or not, so that the time tells nothing."""
    if user is None:
        return check_password(password, UNUSABLE_PASSWORD_PREFIX)
    return user.check_password(password)
