"""Guessing at passwords is slowed down by account and network, so that neither owner nor café is locked out by it."""

from __future__ import annotations

from uuid import UUID

from abdre.limits import count, forget
from auth_svc.selectors import was_signed_in_at

# One account from one network. Who guesses there locks neither the owner out at home nor the café's other guests.
PER_ACCOUNT_AND_PREFIX = {"limit": 5, "window_s": 300}
# One account from everywhere. Past it somebody is guessing from many networks, and those that the account does not know
# must be slow, the owner's next one among them: but each has its two tries, and the owner needs one.
PER_ACCOUNT = {"limit": 20, "window_s": 900}
PER_UNKNOWN_PREFIX_WHILE_GUESSED_AT = {"limit": 2, "window_s": 3600}
NOBODY = UUID(int=0)


def count_try(*, account: str, user_id: UUID | None, address: str) -> None:
    """Before the password is looked at. Raises TooMany.

    `account` stands for what was typed; a name that does not exist is counted, asked for and refused alike.
    """
    place = _place(account, address)
    _count("sign-in-failure", place, PER_ACCOUNT_AND_PREFIX)
    everywhere = count("sign-in-everywhere", account, **PER_ACCOUNT)
    if everywhere and everywhere.is_over and not was_signed_in_at(user_id or NOBODY, address):
        _count("sign-in-elsewhere", place, PER_UNKNOWN_PREFIX_WHILE_GUESSED_AT)


def forgive(*, account: str, address: str) -> None:
    """The right password: what was typed here before it was no guessing."""
    for name in ("sign-in-failure", "sign-in-elsewhere"):
        forget(name, _place(account, address))


def _place(account: str, address: str) -> str:
    return f"{account}:{address}"


def _count(name: str, subject: str, allowed: dict[str, int]) -> None:
    # In silence: the same count for a name and for an address would tell whose address that is.
    quota = count(name, subject, **allowed)
    if quota is not None:
        quota.check()
