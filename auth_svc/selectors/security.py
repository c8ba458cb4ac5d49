"""How somebody's account is held: what the page about security shows at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from abdre.wire import Moment, utc
from auth_svc.models import Session
from auth_svc.selectors.emails import email_json
from auth_svc.selectors.factors import PASSKEY, TOTP, has_shown_second_factor, held, recovery_codes_left
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress


class OtherWaysJson(TypedDict):
    """What opens an account beside its password."""

    passkeys: int
    linked_accounts: int


class PendingEmailJson(OtherWaysJson):
    """Which account would have the address."""

    email: str
    username: str


class SecurityJson(TypedDict):
    """`sessions`: devices on which the person is signed in. `second_factor_shown`: at some time in this session.

    `deletion_due_at`: null unless they asked for it; `deletion_grace_days`: how long they may take it back then.
    """

    is_guest: bool
    has_password: bool
    email: str | None
    email_verified: bool
    sessions: int
    totp: bool
    passkeys: int
    recovery_codes_left: int | None
    second_factor_shown: bool
    deletion_due_at: Moment | None
    erases_messages: bool
    deletion_grace_days: int


def security_of(*, user_id: UUID, session_id: UUID) -> SecurityJson:
    """Raises UserNotFound."""
    user, email = user_by_id(user_id), email_json(user_id)
    return {
        "is_guest": user.is_guest,
        "has_password": user.has_usable_password(),
        "email": email["email"],
        "email_verified": email["verified"],
        "sessions": Session.objects.of(user_id).alive().count(),
        "totp": held(user_id, TOTP).exists(),
        "passkeys": held(user_id, PASSKEY).count(),
        "recovery_codes_left": recovery_codes_left(user_id),
        "second_factor_shown": has_shown_second_factor(session_id),
        "deletion_due_at": utc(user.deletion_due_at),
        "erases_messages": user.erases_messages,
        "deletion_grace_days": 0 if user.is_guest else settings.DELETION_GRACE_DAYS,
    }


def other_ways_of(user_id: UUID) -> OtherWaysJson:
    linked = import_string(settings.LINKED_ACCOUNTS)(user_id)  # oauth_svc, above us
    return {"passkeys": held(user_id, PASSKEY).count(), "linked_accounts": len(linked)}


def pending_email_json(pending: EmailAddress) -> PendingEmailJson:
    user = user_by_id(pending.user_id)
    return {"email": pending.email, "username": user.username or "", **other_ways_of(user.id)}
