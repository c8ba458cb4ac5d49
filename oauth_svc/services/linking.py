"""Accounts at providers, linked to a person here and unlinked again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.device import NOWHERE, Device
from auth_svc.errors.sessions import AccountRequired, LastWayIn
from auth_svc.selectors import holder_of
from auth_svc.services import (
    Change,
    note_authentication,
    require_recent,
    require_second_factor_shown,
    tell_of_change,
)
from oauth_svc.errors import (
    FlowExpired,
    LinkedAccountNotFound,
    LinkedElsewhere,
    SomebodyElse,
)
from oauth_svc.selectors import has_way_in_beside, public_id
from oauth_svc.services.claims import Claims, unsealed
from user_svc import services as users
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User


def person_behind(claims: Claims) -> User | None:
    """Whose linked account comes; that it came, and what it is called over there, is noted."""
    account = _known(claims)
    if account is None:
        return None
    SocialAccount.objects.filter(pk=account.pk).update(extra_data=claims.kept, last_login=timezone.now())
    return user_by_id(account.user_id)


def refuse_guest(user_id: UUID) -> None:
    """Raises AccountRequired."""
    if user_by_id(user_id).is_guest:
        raise AccountRequired(_("You are here as a guest. Sign in with that account: your chats come along."))


def link(*, user_id: UUID, claims: Claims, device: Device = NOWHERE) -> SocialAccount:
    """What is linked to the person already stays so. Raises LinkedElsewhere, AccountRequired."""
    refuse_guest(user_id)
    account = _known(claims) or _new(user_id, claims, device) or _known(claims)
    if account is None or account.user_id != user_id:
        raise LinkedElsewhere
    return account


def pending_claims(*, pending: str, user_id: UUID) -> Claims:
    """What waits to be linked, for the owner of the address that stood in its way. Raises FlowExpired.

    Not for whoever signs in next at this browser: the address says whose it is.
    """
    claims = unsealed(pending)
    if holder_of(claims.email) != user_id:
        raise FlowExpired
    return claims


def link_pending(*, pending: str, user_id: UUID, session_id: UUID, device: Device = NOWHERE) -> SocialAccount:
    """Raises as `pending_claims` and `link`, and ReauthenticationRequired, SecondFactorNeeded."""
    claims = pending_claims(pending=pending, user_id=user_id)
    require_recent(session_id=session_id)
    return link(user_id=user_id, claims=claims, device=device)


def unlink(*, account_id: UUID, user_id: UUID, session_id: UUID, device: Device = NOWHERE) -> None:
    """Raises ReauthenticationRequired, SecondFactorNeeded, LinkedAccountNotFound, LastWayIn."""
    require_recent(session_id=session_id)
    with transaction.atomic():
        # With the person locked: an account and a passkey that go at once must not each be the other's reason to.
        users.lock_person(user_id=user_id)
        mine = list(SocialAccount.objects.filter(user_id=user_id))
        account = next((account for account in mine if public_id(account) == account_id), None)
        if account is None:
            raise LinkedAccountNotFound
        if not has_way_in_beside(account, mine):
            raise LastWayIn
        account.delete()
        tell_of_change(user_id=user_id, change=Change.PROVIDER_UNLINKED, device=device)


def reauthenticate(*, claims: Claims, user_id: UUID, session_id: UUID) -> None:
    """The person has shown who they are by an account that is linked to them.

    Not in a session that has never shown a second factor that there is. Raises SomebodyElse, SecondFactorNeeded.
    """
    require_second_factor_shown(user_id=user_id, session_id=session_id)
    account = _known(claims)
    if account is None or account.user_id != user_id:
        raise SomebodyElse
    note_authentication(session_id=session_id)


def _known(claims: Claims) -> SocialAccount | None:
    return SocialAccount.objects.filter(**claims.key).first()


def _new(user_id: UUID, claims: Claims, device: Device) -> SocialAccount | None:
    """None where the same account came twice at once, and the other was first."""
    try:
        with transaction.atomic():
            account = SocialAccount.objects.create(user_id=user_id, **claims.key, extra_data=claims.kept)
            tell_of_change(user_id=user_id, change=Change.PROVIDER_LINKED, device=device)
    except IntegrityError:
        return None
    return account
