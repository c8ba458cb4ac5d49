"""Questions about addresses: whose one is, and how far somebody's own is confirmed.

The rows are allauth's: a verified one is unique and its person's only one; an unverified one is pending, and
anybody may have given it.
"""

from typing import TypedDict
from uuid import UUID

from allauth.account.models import EmailAddress


class EmailJson(TypedDict):
    """`email`: the account's address, confirmed or (`verified` false) not yet. `pending`: what is to take its place."""

    email: str | None
    verified: bool
    pending: str | None


def email_json(user_id: UUID) -> EmailJson:
    found = {address.verified: address.email for address in EmailAddress.objects.filter(user_id=user_id).order_by("pk")}
    held, pending = found.get(True), found.get(False)
    return {"email": held or pending, "verified": held is not None, "pending": pending if held else None}


def verified_email_of(user_id: UUID) -> str:
    """Where letters about the account go; empty when nobody has shown that an address is theirs."""
    held = EmailAddress.objects.filter(user_id=user_id, verified=True).first()
    return held.email if held else ""


def holder_of(email: str) -> UUID | None:
    held = EmailAddress.objects.filter(email=email.lower(), verified=True).first()
    return held.user_id if held else None
