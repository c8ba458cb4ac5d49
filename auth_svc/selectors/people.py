"""By how many ways somebody comes in, and lets others in; for staff, in numbers."""

from typing import TypedDict
from uuid import UUID

from django.utils import timezone

from auth_svc.models import Invitation, InvitationUse, PersonalToken, Session


class Ways(TypedDict):
    codes: int
    came_by: int
    sessions: int
    tokens: int


def ways_of(user_id: UUID) -> Ways:
    return {
        "codes": Invitation.objects.of(user_id).claimable(timezone.now()).count(),
        "came_by": InvitationUse.objects.filter(user_id=user_id).count(),
        "sessions": Session.objects.alive().of(user_id).in_person().count(),
        "tokens": PersonalToken.objects.of(user_id).alive().count(),
    }
