"""Archives of what is known of a person, made when they ask, and forgotten a week later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

ExportStatus = Literal["waiting", "ready", "failed"]

KEPT = timedelta(days=7)
# Longer than its job is tried again.
FAILED_AFTER = timedelta(hours=6)


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user_id: UUID) -> ExportQuerySet:
        return self.filter(user_id=user_id)

    def failed(self, now: datetime) -> ExportQuerySet:
        return self.filter(made_at__isnull=True, asked_at__lte=now - FAILED_AFTER)

    def ready(self, now: datetime) -> ExportQuerySet:
        return self.filter(made_at__gt=now - KEPT)

    def old(self, now: datetime) -> ExportQuerySet:
        return self.filter(Q(made_at__lte=now - KEPT) | Q(made_at__isnull=True, asked_at__lte=now - KEPT))


class Export(models.Model):
    """The archive stands in the row, since nothing else is shared by all roles; it goes with the person."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    archive = models.BinaryField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(made_at__isnull=True), name="export_one_waiting_per_person"
            ),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, archive__isnull=True)
                | Q(made_at__isnull=False, archive__isnull=False),
                name="export_made_has_archive",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def expires_at(self) -> datetime | None:
        return self.made_at + KEPT if self.made_at else None

    def status(self, now: datetime) -> ExportStatus:
        if self.made_at:
            return "ready"
        return "failed" if self.asked_at <= now - FAILED_AFTER else "waiting"
