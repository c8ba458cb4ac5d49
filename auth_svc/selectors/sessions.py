"""Questions about sessions: which live, and where."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from abdre.wire import Id, Moment, utc
from auth_svc.models import Session
from auth_svc.selectors.devices import device_of
from auth_svc.selectors.places import place_of

REAUTHENTICATION_LIFETIME = timedelta(seconds=settings.REAUTHENTICATION_LIFETIME_S)


class SessionJson(TypedDict):
    """`address` is a network's prefix; `place` about where that is, empty where it is not known."""

    id: Id
    device: str
    address: str
    place: str
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
    current: bool


def session_is_alive(session_id: UUID) -> bool:
    return Session.objects.alive().filter(id=session_id).exists()


def has_shown_lately(session: Session) -> bool:
    """Whether its person has shown there within minutes who they are."""
    return session.authenticated_at > timezone.now() - REAUTHENTICATION_LIFETIME


def ended_among(session_ids: Iterable[UUID]) -> set[UUID]:
    """Those that were ended, have expired, or never were."""
    asked = set(session_ids)
    alive = Session.objects.alive().filter(id__in=asked)
    if alive.count() == len(asked):  # as nearly always: so many ids need not be brought here
        return set()
    return asked - set(alive.values_list("id", flat=True))


def sessions_of(user_id: UUID) -> list[Session]:
    """The devices on which this person is signed in, last used first."""
    return list(Session.objects.alive().of(user_id).in_person())


def network_of(user_id: UUID) -> str:
    """Where the person signed in last; empty where that is not known (yet)."""
    last = Session.objects.of(user_id).in_person().order_by("-created_at").values_list("address", flat=True)
    return last.first() or ""


def was_signed_in_at(user_id: UUID, address: str) -> bool:
    """Whether a session of theirs, living or of the last weeks, began in this network."""
    return Session.objects.of(user_id).in_person().filter(address=address).exists()


def session_json(session: Session, *, current_id: UUID) -> SessionJson:
    return {
        "id": str(session.id),
        "device": device_of(session.user_agent),
        "address": session.address,
        "place": place_of(session.address),
        "created_at": utc(session.created_at),
        "last_used_at": utc(session.last_used_at),
        "expires_at": utc(session.expires_at),
        "current": session.id == current_id,
    }
