"""What a host does with a code: make it, renew it, take it back; and what a host hears about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.events import publish, user_group
from abdre.limits import limit
from auth_svc.errors.invitations import InvitationUnknown
from auth_svc.errors.sessions import AccountRequired
from auth_svc.events import (
    InvitationEvent,
    invitation_declined,
    invitation_expired,
    invitation_opened,
    invitation_revoked,
)
from auth_svc.models import Invitation, InvitationUse, Knock
from auth_svc.models.invitations import hash_of, new_nonce, token_of
from auth_svc.selectors.invitations import own_invitation
from auth_svc.selectors.previews import is_inside, shown_invitation
from auth_svc.services.funnel import MADE, OPENED, count_step
from auth_svc.services.knocks import end_knocks
from chat_svc.errors import NotAllowed
from chat_svc.selectors import may_invite, members
from chat_svc.services import evict, report_invitation
from user_svc.selectors import user_by_id

CREATE_LIMIT_PER_MINUTE = 120
# By one network: for unknown codes, and on one code. Of openings the host hears the first only, of declines each.
UNKNOWN_LIMIT_PER_MINUTE = 30
OPENED_LIMIT_PER_MINUTE = 600
DECLINED_LIMIT_PER_MINUTE = 60
EXPIRE_BATCH = 200


@dataclass(frozen=True)
class Options:
    """`ttl` None is until revoked, `max_uses` None is unlimited; `password_hash` empty: none is asked."""

    ttl: timedelta | None
    max_uses: int | None
    guests: bool
    label: str
    approval: bool = False
    rotating: bool = False
    password_hash: str = ""


def create_invitation(*, host_id: UUID, chat_id: UUID | None, options: Options, password: str = "") -> Invitation:
    """A fresh code into the chat, or, without one, to a direct chat with the host for each who comes.

    Raises what `may_invite` raises, AccountRequired, and TooMany.
    """
    secret = make_password(password) if password else ""
    return _create(host_id, chat_id, replace(options, password_hash=secret))


def _create(host_id: UUID, chat_id: UUID | None, options: Options) -> Invitation:
    _require_may_invite(host_id, chat_id)
    limit("invitation.create", str(host_id), limit=CREATE_LIMIT_PER_MINUTE, window_s=60)
    now = timezone.now()
    nonce = new_nonce()
    count_step(MADE)
    return Invitation.objects.create(
        chat_id=chat_id,
        created_by_id=host_id,
        nonce=nonce,
        token_hash=hash_of(token_of(nonce, secret_key=settings.SECRET_KEY)),
        label=options.label,
        guests=options.guests,
        approval=options.approval,
        rotating=options.rotating,
        password_hash=options.password_hash,
        max_uses=options.max_uses,
        created_at=now,
        expires_at=now + options.ttl if options.ttl else None,
    )


def _require_may_invite(host_id: UUID, chat_id: UUID | None) -> None:
    if chat_id is not None:
        may_invite(chat_id=chat_id, user_id=host_id)
        return
    host = user_by_id(host_id)
    if host.is_bot:
        raise NotAllowed
    if host.is_guest:
        raise AccountRequired(_("Only people with an account can show a code for a chat with themselves."))


def renew_invitation(*, invitation_id: UUID, host_id: UUID) -> Invitation:
    """A fresh code with the same options; the old one is dead. Pressed again, the same one while it lives.

    Raises as `create_invitation`, and InvitationUnknown.
    """
    with transaction.atomic():
        old = own_invitation(invitation_id, host_id)
        take_back(old)  # first, because an invitation is locked before its chat
        old = Invitation.objects.select_for_update().get(id=old.id)
        made = Invitation.objects.claimable(timezone.now()).filter(replaces=old).first()
        return made or _replace(old)


def _replace(old: Invitation) -> Invitation:
    options = Options(
        ttl=old.lifetime,
        max_uses=old.max_uses,
        guests=old.guests,
        label=old.label,
        approval=old.approval,
        rotating=old.rotating,
        password_hash=old.password_hash,
    )
    fresh = _create(old.created_by_id, old.chat_id, options)
    Invitation.objects.filter(id=old.id).update(replaced_by=fresh)
    return fresh


def revoke_invitation(*, invitation_id: UUID, host_id: UUID) -> None:
    """Take the code back; again is no harm. Raises InvitationUnknown."""
    with transaction.atomic():
        take_back(own_invitation(invitation_id, host_id))


def revoke_invitations(*, host_id: UUID) -> None:
    """Take all of the host's living codes back."""
    with transaction.atomic():
        for invitation in Invitation.objects.claimable(timezone.now()).of(host_id).order_by("id"):
            take_back(invitation)


def revoke_and_evict(*, invitation_id: UUID, host_id: UUID) -> None:
    """Take the code back, and whoever came by it and is still in leaves; never the host, nor who stands above it.

    Raises InvitationUnknown, Invalid for a code without a chat, and ChatNotFound for who is no longer in the chat: it
    empties it no more.
    """
    with transaction.atomic():
        invitation = own_invitation(invitation_id, host_id)
        if invitation.chat_id is None:
            raise Invalid(fields={"evict": [_("Nobody shares a chat by this code: leave or block the person.")]})
        take_back(invitation)
        came = InvitationUse.objects.filter(invitation=invitation).values_list("user_id", flat=True)
        lower = set(came) & _lower_people(invitation.chat_id, host_id)
        evict(chat_id=invitation.chat_id, actor_id=host_id, user_ids=lower)


def _lower_people(chat_id: UUID, host_id: UUID) -> set[UUID]:
    """Whom a host may put out: a code is no way around the chat's own ranks."""
    roles = {UUID(member["user"]["id"]): member["role"] for member in members(chat_id=chat_id, user_id=host_id)}
    safe = {"owner"} if roles[host_id] == "owner" else {"owner", "admin"}
    return {user_id for user_id, role in roles.items() if role not in safe} - {host_id}


def known_invitation(token: str, *, address: str) -> Invitation:
    """The invitation of a token that a stranger shows.

    Raises InvitationUnknown, InvitationMovedOn, and TooMany for an address that keeps guessing; a good token passes
    from there still, so nobody locks a café out.
    """
    invitation = shown_invitation(token, timezone.now())
    if invitation is None:
        limit("invitation.unknown", address, limit=UNKNOWN_LIMIT_PER_MINUTE, window_s=60)
        raise InvitationUnknown
    return invitation


def open_invitation(*, token: str, viewer_id: UUID | None, address: str) -> None:
    """Somebody looks at the code; the host hears of the first. Raises InvitationUnknown, TooMany."""
    invitation = known_invitation(token, address=address)
    limit("invitation.opened", f"{invitation.id}:{address}", limit=OPENED_LIMIT_PER_MINUTE, window_s=60)
    if is_inside(invitation, viewer_id):
        return
    now = timezone.now()
    with transaction.atomic():
        alive = Invitation.objects.claimable(now).filter(id=invitation.id)
        if alive.update(opens=F("opens") + 1):
            count_step(OPENED)
        if alive.filter(opened_at__isnull=True).update(opened_at=now):
            _tell_host(invitation, invitation_opened)


def decline_invitation(*, token: str, viewer_id: UUID | None, address: str) -> None:
    """Somebody does not want to come; a dead code has nobody to tell. Raises InvitationUnknown, TooMany."""
    invitation = known_invitation(token, address=address)
    limit("invitation.declined", f"{invitation.id}:{address}", limit=DECLINED_LIMIT_PER_MINUTE, window_s=60)
    if is_inside(invitation, viewer_id):
        return
    with transaction.atomic():
        alive = Invitation.objects.claimable(timezone.now()).filter(id=invitation.id)
        if alive.update(declines=F("declines") + 1):
            _tell_host(invitation, invitation_declined)


def report_shown_invitation(*, token: str, reporter_id: UUID, reason: str, note: str, address: str) -> None:
    """By who holds it, and need not have come in. Raises InvitationUnknown, InvitationMovedOn, Invalid, TooMany."""
    invitation = known_invitation(token, address=address)
    report_invitation(invitation_id=invitation.id, reporter_id=reporter_id, reason=reason, note=note)


def expire_invitations() -> None:
    """Tell the hosts whose codes have run out. Each row is claimed, so that several processes tell it once."""
    now = timezone.now()
    due = list(Invitation.objects.expiry_untold(now).order_by("expires_at")[:EXPIRE_BATCH])
    for invitation in due:
        with transaction.atomic():
            claimed = Invitation.objects.expiry_untold(now).filter(id=invitation.id).update(expiry_told_at=now)
            if claimed:
                _tell_expired(invitation)


def hand_over_invitations(*, from_user_id: UUID, to_user_id: UUID) -> None:
    """A guest signed in to an account: its codes, and the record of what it came in by, are the account's now."""
    with transaction.atomic():
        Invitation.objects.of(from_user_id).update(created_by_id=to_user_id)
        came_itself = InvitationUse.objects.filter(user_id=to_user_id).values("invitation_id")
        moving = InvitationUse.objects.filter(user_id=from_user_id).exclude(invitation_id__in=came_itself)
        # The press of Join made a guest; it must not sign anybody in as the account.
        moving.update(user_id=to_user_id, attempt_hash=None)
        knocked_itself = Knock.objects.filter(user_id=to_user_id).values("invitation_id")
        knocks = Knock.objects.filter(user_id=from_user_id).exclude(invitation_id__in=knocked_itself)
        knocks.update(user_id=to_user_id, attempt_hash=None, is_newcomer=False)


def forget_host(*, host_id: UUID) -> None:
    """What a host wrote on codes goes, and no press of Join signs in as them any more."""
    Invitation.objects.of(host_id).update(label="", password_hash="")
    InvitationUse.objects.filter(user_id=host_id).update(attempt_hash=None)


def take_back(invitation: Invitation) -> bool:
    """In a transaction: the code opens nothing any more, and its host hears it; whether it was not so before."""
    now = timezone.now()
    if not Invitation.objects.filter(id=invitation.id, revoked_at__isnull=True).update(revoked_at=now):
        return False
    _tell_host(invitation, invitation_revoked)
    end_knocks(invitation)
    return True


def _tell_expired(invitation: Invitation) -> None:
    """A code that was dead before its time ran out has had its last news."""
    end_knocks(invitation)
    invitation.refresh_from_db()
    if invitation.status(timezone.now()) == "expired":
        publish(user_group(invitation.created_by_id), invitation_expired(invitation))


def _tell_host(invitation: Invitation, builder: Callable[[Invitation], InvitationEvent]) -> None:
    invitation.refresh_from_db()
    publish(user_group(invitation.created_by_id), builder(invitation))
