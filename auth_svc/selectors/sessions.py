"""Questions about sessions: which live, and where."""

from uuid import UUID

from django.db.models import QuerySet

from auth_svc.models import Session


def session_is_alive(session_id: UUID) -> bool:
    return Session.objects.alive().filter(id=session_id).exists()


def sessions_of(user_id: UUID) -> QuerySet[Session]:
    """The devices on which this person is signed in, last used first."""
    return Session.objects.alive().of(user_id)
