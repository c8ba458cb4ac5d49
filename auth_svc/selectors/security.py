"""How somebody's account is held: what the page about security shows at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from abdre.wire import Moment, utc
from auth_svc.models import Session
from auth_svc.selectors.emails import email_json
from auth_svc.selectors.factors import PASSKEY, Held, factors_held, held
from auth_svc.selectors.sessions import has_shown_lately
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress


class OtherWaysJson(TypedDict):
    """What opens an account beside its password."""

    passkeys: int
    linked_accounts: int


class PendingEmailJson(OtherWaysJson):
    """Which account would have the address, or has it (`verified`)."""

    email: str
    username: str
    verified: bool


class SecurityJson(TypedDict):
    """`sessions`: devices on which the person is signed in. `second_factor_shown`: at some time in this session.

    `must_show_again`: before what asks who it is, since it was too long ago, or no second factor was shown.

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
    must_show_again: bool
    deletion_due_at: Moment | None
    erases_messages: bool
    deletion_grace_days: int


def security_of(*, user_id: UUID, session_id: UUID) -> SecurityJson:
    """Raises UserNotFound."""
    user, email = user_by_id(user_id), email_json(user_id)
    session = Session.objects.alive().filter(id=session_id).first()  # before the factors, as `require_recent` has it
    factors = factors_held(user_id)
    return {
        "is_guest": user.is_guest,
        "has_password": user.has_usable_password(),
        "email": email["email"],
        "email_verified": email["verified"],
        "sessions": Session.objects.of(user_id).in_person().alive().count(),
        "totp": factors.totp,
        "passkeys": factors.passkeys,
        "recovery_codes_left": factors.codes_left,
        "second_factor_shown": _has_shown_factor(session),
        "must_show_again": not user.is_guest and _must_show_again(session, factors),
        "deletion_due_at": utc(user.deletion_due_at),
        "erases_messages": user.erases_messages,
        "deletion_grace_days": 0 if user.is_guest else settings.DELETION_GRACE_DAYS,
    }


def _has_shown_factor(session: Session | None) -> bool:
    return session is not None and session.second_factor_at is not None


def _must_show_again(session: Session | None, factors: Held) -> bool:
    """As `require_recent` has it, which refuses the deed."""
    lacks_factor = factors.is_second_step and not _has_shown_factor(session)
    return session is None or lacks_factor or not has_shown_lately(session)


def other_ways_of(user_id: UUID) -> OtherWaysJson:
    linked = import_string(settings.LINKED_ACCOUNTS)(user_id)  # oauth_svc, above us
    return {"passkeys": held(user_id, PASSKEY).count(), "linked_accounts": len(linked)}


def pending_email_json(pending: EmailAddress) -> PendingEmailJson:
    user = user_by_id(pending.user_id)
    return {
        "email": pending.email,
        "username": user.username or "",
        "verified": pending.verified,
        **other_ways_of(user.id),
    }
