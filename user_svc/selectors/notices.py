"""What staff let a person know."""

from uuid import UUID

from django.db.models import QuerySet

from user_svc.models import StaffNotice


def notices_of(user_id: UUID) -> QuerySet[StaffNotice]:
    """The newest first."""
    return StaffNotice.objects.filter(user_id=user_id)
