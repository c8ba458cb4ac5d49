"""How somebody's account is held: what the page about security shows at a glance."""

from typing import TypedDict
from uuid import UUID

from auth_svc.models import Session
from user_svc.selectors import user_by_id


class SecurityJson(TypedDict):
    """`sessions`: the devices on which the person is signed in."""

    is_guest: bool
    has_password: bool
    sessions: int


def security_of(user_id: UUID) -> SecurityJson:
    """Raises UserNotFound."""
    user = user_by_id(user_id)
    return {
        "is_guest": user.is_guest,
        "has_password": user.has_usable_password(),
        "sessions": Session.objects.of(user_id).alive().count(),
    }
