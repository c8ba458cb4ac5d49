"""Who knocks waits until a host lets them in or not, the code dies, or they go."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from abdre.events import Event, publish, user_group
from abdre.limits import limit
from auth_svc.errors.invitations import KnockRefused, KnockUnknown, WaitingRoomFull
from auth_svc.events import invitation_waiting, knock_ended
from auth_svc.models import Invitation, Knock
from auth_svc.models.knocks import KnockState
from auth_svc.selectors.knocks import deciders
from user_svc.selectors import user_json

if TYPE_CHECKING:
    from user_svc.models import User

# As many as a host can still look through.
WAITING_LIMIT = 100
# At one code. Who goes and comes again is told of each time.
KNOCKS_PER_PERSON = {"limit": 5, "window_s": 3600}
END_BATCH = 200


def knock(invitation: Invitation, person: User, *, is_newcomer: bool = False, attempt_hash: str | None = None) -> None:
    """They wait from now on, or still; the hosts hear it once. The caller holds the invitation's lock.

    Raises KnockRefused, WaitingRoomFull, TooMany.
    """
    before = invitation.knocks.filter(user_id=person.id).first()
    if before is not None and before.state == KnockState.WAITING:
        return
    if before is not None and before.state == KnockState.REFUSED:
        raise KnockRefused
    limit("knock", f"{invitation.id}:{person.id}", **KNOCKS_PER_PERSON)
    if invitation.knocks.waiting().count() >= WAITING_LIMIT:
        raise WaitingRoomFull
    facts = {"state": KnockState.WAITING, "knocked_at": timezone.now(), "decided_at": None}
    first = {**facts, "is_newcomer": is_newcomer, "attempt_hash": attempt_hash}
    Knock.objects.update_or_create(invitation=invitation, user=person, defaults=facts, create_defaults=first)
    _tell(deciders(invitation), invitation_waiting(invitation, user_json(person)))


def withdraw(*, invitation_id: UUID, user_id: UUID) -> None:
    """They do not want to wait any more; again is no harm. Raises KnockUnknown."""
    mine = Knock.objects.filter(invitation_id=invitation_id, user_id=user_id)
    found = mine.select_related("invitation__created_by").first()
    if found is None:
        raise KnockUnknown
    with transaction.atomic():
        settle(found.invitation, user_id, KnockState.ENDED)


def settle(invitation: Invitation, user_id: UUID, state: KnockState, *, of: tuple[str, ...] = ("waiting",)) -> bool:
    """The knock is over, for all who waited for that; whether it was not before. The row count decides."""
    undecided = Knock.objects.filter(invitation=invitation, user_id=user_id, state__in=of)
    if not undecided.update(state=state, decided_at=timezone.now()):
        return False
    _tell_ended(invitation, [user_id], state)
    return True


def end_knocks(invitation: Invitation) -> None:
    """The code opens nothing any more: nobody waits for it. In a transaction, with the code's row locked."""
    waiting = invitation.knocks.waiting()
    ending = list(waiting.select_for_update().values_list("user_id", flat=True))  # who goes meanwhile is not told twice
    if ending:
        waiting.filter(user_id__in=ending).update(state=KnockState.ENDED, decided_at=timezone.now())
        _tell_ended(invitation, ending, KnockState.ENDED)


def end_long_knocks() -> None:
    """Who has waited for a day is waiting no more. Runs now and then."""
    long_ago = Knock.objects.too_long(timezone.now()).select_related("invitation__created_by")
    for late in list(long_ago.order_by("knocked_at")[:END_BATCH]):
        with transaction.atomic():
            settle(late.invitation, late.user_id, KnockState.ENDED)


def forget_knocks(*, user_id: UUID) -> None:
    """Nobody waits, or has waited, under this name any more."""
    waiting = Knock.objects.waiting().filter(user_id=user_id).values_list("invitation_id", flat=True)
    for invitation_id in list(waiting):
        withdraw(invitation_id=invitation_id, user_id=user_id)
    Knock.objects.filter(user_id=user_id).delete()


def _tell_ended(invitation: Invitation, user_ids: list[UUID], state: KnockState) -> None:
    hosts = deciders(invitation)
    for user_id in user_ids:
        _tell({*hosts, user_id}, knock_ended(invitation, user_id, state))


def _tell(people: set[UUID], event: Event) -> None:
    for user_id in people:
        publish(user_group(user_id), event)
