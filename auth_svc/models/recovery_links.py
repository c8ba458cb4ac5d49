"""A link by which a guest, who has no password, moves to another device, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auth_svc.models.invitations import hash_of

LIFETIME = timedelta(hours=24)


class RecoveryLinkQuerySet(models.QuerySet["RecoveryLink"]):
    def with_token(self, token: str) -> RecoveryLinkQuerySet:
        return self.filter(token_hash=hash_of(token))

    def unused_of(self, user_id: UUID) -> RecoveryLinkQuerySet:
        return self.filter(user_id=user_id, used_at__isnull=True, revoked_at__isnull=True)

    def claimable(self, now: datetime) -> RecoveryLinkQuerySet:
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class RecoveryLink(models.Model):
    """Whoever opens it may become the guest; the token itself is nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    # The press that used it, hashed: for two minutes the same browser's repeat of a lost answer is let in.
    attempt_hash = models.CharField(max_length=64, blank=True)

    objects = RecoveryLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["expires_at"], name="recovery_link_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="recovery_link_one_live_per_guest",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="recovery_link_expires_after_start"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="recovery_link_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
