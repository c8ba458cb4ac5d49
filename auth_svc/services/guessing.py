"""Guessing at passwords is slowed down by account and network, so that neither owner nor café is locked out by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from abdre import tally
from abdre.errors import TooMany
from abdre.limits import count, forget, unreadable
from auth_svc.errors.factors import PasskeyRefused, WrongCode
from auth_svc.errors.sessions import WrongCredentials
from auth_svc.events import LOGINS_FAILED
from auth_svc.selectors import was_signed_in_at
from user_svc.selectors import login_key

if TYPE_CHECKING:
    from user_svc.models import User

# One name or address from one network. Who guesses there locks neither the owner out at home nor the café's other
# guests.
PER_LOGIN_AND_PREFIX = {"limit": 5, "window_s": 300}
# One name or address from everywhere. Past it somebody is guessing from many networks, and those that the account does
# not know must be slow, the owner's next one among them: but each has its two tries, and the owner needs one.
PER_LOGIN = {"limit": 20, "window_s": 900}
PER_UNKNOWN_PREFIX_WHILE_GUESSED_AT = {"limit": 2, "window_s": 3600}
NOBODY = UUID(int=0)


def count_try(*, login: str, user_id: UUID | None, address: str) -> None:
    """Before the password is looked at. Raises TooMany.

    Counted is what was typed, whosever it is: one count for a name and an address would tell whose that address is.
    What does not exist is counted, asked for and refused alike.
    """
    typed = unreadable(login_key(login))
    place = _place(typed, address)
    _count("sign-in-failure", place, PER_LOGIN_AND_PREFIX)
    everywhere = count("sign-in-everywhere", typed, **PER_LOGIN)
    if everywhere and everywhere.is_over and not was_signed_in_at(user_id or NOBODY, address):
        _count("sign-in-elsewhere", place, PER_UNKNOWN_PREFIX_WHILE_GUESSED_AT)


@contextmanager
def failures_counted() -> Iterator[None]:
    """Around a way in: who is not let in by it, or has tried too often, is one failed login."""
    try:
        yield
    except (WrongCredentials, WrongCode, PasskeyRefused, TooMany):
        tally.add(LOGINS_FAILED)
        raise


def forgive(*, user: User, address: str) -> None:
    """The right password: what was typed here before it was no guessing."""
    for login in filter(None, (user.username, user.email)):
        for name in ("sign-in-failure", "sign-in-elsewhere"):
            forget(name, _place(unreadable(login_key(login)), address))


def _place(typed: str, address: str) -> str:
    return f"{typed}:{address}"


def _count(name: str, subject: str, allowed: dict[str, int]) -> None:
    # In silence: what is left is no news for whoever guesses.
    quota = count(name, subject, **allowed)
    if quota is not None:
        quota.check()
