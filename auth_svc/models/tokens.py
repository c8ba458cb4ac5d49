"""Personal tokens, by which a program speaks for a member or as a bot."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

NAME_LIMIT = 60


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def of(self, user_id: UUID) -> PersonalTokenQuerySet:
        return self.filter(user_id=user_id)

    def alive(self, now: datetime | None = None) -> PersonalTokenQuerySet:
        lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=now or timezone.now())
        return self.filter(lasting, revoked_at__isnull=True)


class PersonalToken(models.Model):
    """The token itself is nowhere; `ending` is what its owner tells it by. A bot's lasts until it is replaced."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=NAME_LIMIT)
    token_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    writes = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="personal_token_expires_after_start",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
