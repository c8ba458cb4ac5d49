"""People who asked to be let in by a code that wants its host's word."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from auth_svc.models.invitations import Invitation

# Nobody stands at a door for longer.
PATIENCE = timedelta(hours=24)


class KnockState(models.TextChoices):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"  # the code died, or they went


class KnockQuerySet(models.QuerySet["Knock"]):
    def waiting(self) -> KnockQuerySet:
        return self.filter(state=KnockState.WAITING)

    def too_long(self, now: datetime) -> KnockQuerySet:
        return self.waiting().filter(knocked_at__lte=now - PATIENCE)


class Knock(models.Model):
    """One person before one code; it holds no use, so whom the host lets in first takes it."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="knocks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=KnockState.choices, default=KnockState.WAITING)
    knocked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Whether this knock made the guest: nobody else knows them if they are not let in.
    is_newcomer = models.BooleanField(default=False)
    # The press that made the guest, as of InvitationUse.
    attempt_hash = models.CharField(max_length=64, null=True, blank=True)

    objects = KnockQuerySet.as_manager()

    class Meta:
        ordering = ["knocked_at", "id"]
        indexes = [
            models.Index(fields=["knocked_at"], name="knock_waiting", condition=Q(state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invitation", "user"], name="knock_once_per_person"),
            models.UniqueConstraint(fields=["invitation", "attempt_hash"], name="knock_once_per_attempt"),
            models.CheckConstraint(condition=Q(state__in=KnockState.values), name="knock_state_known"),
            models.CheckConstraint(
                condition=Q(state="waiting") ^ Q(decided_at__isnull=False), name="knock_decided_when_not_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"knock of {self.user_id} at invitation {self.invitation_id}"
