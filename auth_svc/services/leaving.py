"""Leaving: for a while, or for good after a time of grace; and guests who were not there for long."""

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from abdre import jobs
from abdre.device import NOWHERE, Device
from auth_svc.errors.sessions import AccountRequired
from auth_svc.models import ClientError, Knock, RecoveryLink, Session
from auth_svc.models.knocks import KnockState
from auth_svc.services.invitations import forget_host, revoke_invitations
from auth_svc.services.knocks import forget_knocks
from auth_svc.services.mail import Change, tell_of_change, tell_of_deletion
from auth_svc.services.sessions import end_sessions, require_recent
from chat_svc import services as chats
from chat_svc.selectors import memberships_of
from user_svc import services as users
from user_svc.selectors import DELETED_NAME, bots_of, due_for_deletion, guests_unseen_since, user_by_id

# As long as their sessions last.
GUEST_IDLE = timedelta(days=30)
# For a second thought of the host's.
TURNED_AWAY_KEPT = timedelta(days=1)
TURNED_AWAY_BATCH = 200


def deactivate(*, user_id: UUID, session_id: UUID, device: Device = NOWHERE) -> None:
    """Signed out everywhere and not found, until the person signs in again.

    Raises ReauthenticationRequired, SecondFactorNeeded, AccountRequired.
    """
    if user_by_id(user_id).is_guest:
        raise AccountRequired
    require_recent(session_id=session_id)
    with transaction.atomic():
        users.deactivate(user_id=user_id)
        end_sessions(user_id=user_id)
        tell_of_change(user_id=user_id, change=Change.DEACTIVATED, device=device)


def ask_for_deletion(*, user_id: UUID, session_id: UUID, erases_messages: bool, device: Device = NOWHERE) -> datetime:
    """When the account will be deleted; signed out everywhere until then. A guest, who has no way back, at once.

    Raises ReauthenticationRequired, SecondFactorNeeded, LastAdministrator.
    """
    is_guest = user_by_id(user_id).is_guest
    if not is_guest:
        require_recent(session_id=session_id)
    due_at = timezone.now() + timedelta(days=0 if is_guest else settings.DELETION_GRACE_DAYS)
    with transaction.atomic():
        users.ask_for_deletion(user_id=user_id, due_at=due_at, erases_messages=erases_messages)
        end_sessions(user_id=user_id)
        tell_of_deletion(user_id=user_id, due_at=due_at, device=device)
        _begin(user_id)
    return due_at


def keep_account(*, user_id: UUID, device: Device = NOWHERE) -> None:
    """The person thought better of it; without a deletion to take back nothing happens."""
    with transaction.atomic():
        if users.keep_account(user_id=user_id):
            tell_of_change(user_id=user_id, change=Change.KEPT, device=device)


def begin_due_deletions() -> None:
    """Whose time of grace is over. Runs now and then."""
    for user_id in due_for_deletion(timezone.now()):
        _begin(user_id)


def delete_idle_guests() -> None:
    """Guests who were not there for a month, and whom nobody can be again: no session, no link. Runs now and then."""
    now = timezone.now()
    on_the_move = RecoveryLink.objects.claimable(now).values("user_id")
    not_gone = Session.objects.alive(now).values("user_id").order_by().union(on_the_move.order_by())
    for user_id in guests_unseen_since(now - GUEST_IDLE, except_=not_gone):
        delete_now(user_id=user_id, now=now)


def delete_now(*, user_id: UUID, now: datetime) -> None:
    """Somebody who needs no time of grace: a guest who is long gone, a bot."""
    users.ask_for_deletion(user_id=user_id, due_at=now, erases_messages=False)
    end_sessions(user_id=user_id)
    _begin(user_id)


def delete_turned_away_guests() -> None:
    """Guests who knocked, were not let in, and are in no chat: a day later nobody knows them. Runs now and then."""
    now = timezone.now()
    over = Knock.objects.filter(is_newcomer=True, decided_at__lte=now - TURNED_AWAY_KEPT)
    turned_away = over.filter(
        state__in=(KnockState.REFUSED, KnockState.ENDED), user__is_guest=True, user__is_active=True
    )
    user_ids = list(turned_away.values_list("user_id", flat=True)[:TURNED_AWAY_BATCH])
    waiting = set(Knock.objects.waiting().filter(user_id__in=user_ids).values_list("user_id", flat=True))
    known = waiting | {user_id for user_id, chat_ids in memberships_of(user_ids).items() if chat_ids}
    over.filter(user_id__in=known).update(is_newcomer=False)  # not looked at again
    for user_id in set(user_ids) - known:
        delete_now(user_id=user_id, now=now)


def _begin(user_id: UUID) -> None:
    """Claimed, so that several processes ask for it once. Does nothing before it is due."""
    with transaction.atomic():
        if users.begin_deletion(user_id=user_id):
            delete_account.enqueue(str(user_id))


@task()
def delete_account(user_id: str) -> None:
    """Each step can be done again, where a worker died amid one."""
    person = user_by_id(UUID(user_id))
    if person.deletion_begun_at is None or person.deleted_at is not None:
        return
    end_sessions(user_id=person.id)
    revoke_invitations(host_id=person.id)
    forget_host(host_id=person.id)
    forget_knocks(user_id=person.id)
    for bot in bots_of(person.id):
        delete_now(user_id=bot.id, now=timezone.now())
    ClientError.objects.filter(user_id=person.id).update(user_id=None)
    chats.forget_name(user_id=person.id, name=person.display_name, instead=str(DELETED_NAME))
    _forget_letters(person.id)
    # Before the chats, so that what they tell bears the name no more.
    users.anonymise(user_id=person.id)
    chats.leave_chats(user_id=person.id)
    if person.erases_messages:
        chats.erase_messages(user_id=person.id)
    users.end_deletion(user_id=person.id)
    jobs.forget(user_id)


def _forget_letters(user_id: UUID) -> None:
    """Jobs about the person's addresses; while the addresses are still known."""
    for pk, email in EmailAddress.objects.filter(user_id=user_id).values_list("pk", "email"):
        jobs.forget(pk)
        jobs.forget(email)
