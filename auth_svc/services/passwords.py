"""Passwords: changed by who is signed in, or by who reads the letters to the account's address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tasks import task

from abdre.device import NOWHERE, Device
from abdre.errors import Conflict
from abdre.limits import limit
from auth_svc.errors.emails import LinkExpired
from auth_svc.errors.sessions import AccountRequired, WrongPassword
from auth_svc.selectors.emails import holder_of, verified_email_of
from auth_svc.selectors.security import other_ways_of
from auth_svc.services.accounts import reauthenticate
from auth_svc.services.guessing import forgive
from auth_svc.services.mail import URGENT, Change, deliver, may_write, tell_of_change
from auth_svc.services.sessions import end_sessions, require_recent
from user_svc import services as users
from user_svc.errors import UserNotFound
from user_svc.selectors import preferences_of, user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

# By session, so that whoever has stolen one does not use up what the owner needs to get rid of them.
CHANGES_PER_SESSION = {"limit": 10, "window_s": 3600}
RESETS_PER_PREFIX = {"limit": 60, "window_s": 600}
CONFIRMATIONS_PER_PREFIX = {"limit": 60, "window_s": 600}
# Five links that work lie in the mailbox then, so nobody is locked out by somebody who asks in their name.
LETTERS_PER_ADDRESS = {"limit": 5, "window_s": 3600}
# To people who have no account here: enough to say so.
LETTERS_TO_STRANGERS = {"limit": 1, "window_s": 24 * 3600}


def change_password(
    *, user_id: UUID, session_id: UUID, password: str, password_old: str = "", device: Device = NOWHERE
) -> None:
    """The new password holds at once, and the other devices are signed out. Also the first one of who had none.

    Raises AccountRequired, WrongPassword, ReauthenticationRequired, SecondFactorNeeded, WeakPassword, TooMany.
    """
    user = user_by_id(user_id)
    if user.is_guest:
        raise AccountRequired(_("A guest has no password. Please make an account first."))
    limit("password-change", f"{user_id}:{session_id}", **CHANGES_PER_SESSION)
    _must_be_them(user_id, session_id, password_old)
    if not _replace(user, password, except_=session_id, device=device):
        raise Conflict


def ask_for_reset(*, email: str, origin: str, address: str) -> None:
    """Write to the address, whoever's it is. Raises TooMany."""
    limit("password-reset", address, **RESETS_PER_PREFIX)
    answer_reset.enqueue(email.lower(), origin, get_language() or "")


def reset_password(*, key: str, password: str, device: Device = NOWHERE) -> None:
    """By the letter's key, once: the new password holds, and every device is signed out; nobody is signed in.

    Raises LinkExpired, WeakPassword, TooMany.
    """
    limit("password-reset-confirm", device.address, **CONFIRMATIONS_PER_PREFIX)
    user = _user_of(key)
    if not _replace(user, password, device=device):
        raise LinkExpired  # used at the same moment
    forgive(user=user, address=device.address)  # what was tried here before the letter was no guessing


def _must_be_them(user_id: UUID, session_id: UUID, password_old: str) -> None:
    if not password_old:
        require_recent(session_id=session_id)
        return
    try:
        reauthenticate(user_id=user_id, session_id=session_id, password=password_old)
    except WrongPassword as problem:
        raise WrongPassword(field="password_old") from problem


def _replace(user: User, password: str, *, device: Device, except_: UUID | None = None) -> bool:
    """False where the password has become another one since `user` was read."""
    hashed = users.hashed_password(user=user, password=password)
    with transaction.atomic():
        if not users.replace_password(user=user, hashed=hashed):
            return False
        end_sessions(user_id=user.id, except_=except_)
        tell_of_change(user_id=user.id, change=Change.PASSWORD, device=device)
    return True


def _key_of(user: User) -> str:
    """Django's token: signed, dead after PASSWORD_RESET_TIMEOUT or with the password or address it was made for."""
    return f"{user.id.hex}-{default_token_generator.make_token(user)}"


def _user_of(key: str) -> User:
    """Raises LinkExpired."""
    user_id, _hyphen, token = key.partition("-")
    try:
        user = user_by_id(UUID(user_id))
    except (ValueError, UserNotFound) as problem:
        raise LinkExpired from problem
    if not default_token_generator.check_token(user, token):
        raise LinkExpired
    return user


@task(priority=URGENT)
def answer_reset(email: str, origin: str, language: str = "") -> None:
    """Decides what the letter says; sending is a job of its own, so that a try again counts no letter twice."""
    holder = holder_of(email)
    if holder is None:
        if may_write("no-account", email, **LETTERS_TO_STRANGERS):
            send_no_account.enqueue(email, origin, language)
    elif may_write("password-reset", email, **LETTERS_PER_ADDRESS):
        send_reset.enqueue(str(holder), origin, language)


@task(priority=URGENT)
def send_reset(user_id: str, origin: str, language: str = "") -> None:
    user = user_by_id(UUID(user_id))
    to = verified_email_of(user.id)
    if to:
        facts = {"name": user.display_name, "username": user.username, "link": f"{origin}/reset/{_key_of(user)}"}
        # Somebody else may have added them before the address was confirmed, and a new password does not touch them.
        ways = {**other_ways_of(user.id), "security": f"{origin}/security"}
        deliver("password_reset", to, {**facts, **ways}, language=preferences_of(user).language or language)


@task(priority=URGENT)
def send_no_account(email: str, origin: str, language: str = "") -> None:
    deliver("no_account", email, {"origin": origin}, language=language)
