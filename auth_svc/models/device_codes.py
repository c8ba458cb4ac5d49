"""A code on the screen of a new device, which somebody who is signed in elsewhere confirms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auth_svc.models.invitations import hash_of
from auth_svc.models.sessions import ADDRESS_LENGTH, USER_AGENT_LENGTH, Session

Status = Literal["waiting", "confirmed", "declined", "used", "expired"]

# Long enough to lift a phone, too short to send a photo of the code to somebody and talk them into it.
LIFETIME = timedelta(seconds=30)
# How long the new device has to fetch what was confirmed: by script it asks every second, by hand it is a press.
COLLECT_WITHIN = timedelta(seconds=60)


class DeviceCodeQuerySet(models.QuerySet["DeviceCode"]):
    def with_token(self, token: str) -> DeviceCodeQuerySet:
        return self.filter(token_hash=hash_of(token))

    def with_secret(self, code_id: UUID, secret: str) -> DeviceCodeQuerySet:
        return self.filter(id=code_id, secret_hash=hash_of(secret))

    def waiting(self, now: datetime) -> DeviceCodeQuerySet:
        return self.filter(expires_at__gt=now, confirmed_at__isnull=True, declined_at__isnull=True)

    def collectable(self, now: datetime) -> DeviceCodeQuerySet:
        return self.filter(confirmed_at__gt=now - COLLECT_WITHIN, collected_at__isnull=True)


class DeviceCode(models.Model):
    """Two secrets, each kept as a hash: the token is in the picture for the phone, the other stays on the new device.

    Who photographs the screen is not signed in by that, and who has the new device cannot confirm.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64)
    # Drawn by itself: who has the link alone cannot tell the number on the screen.
    check_number = models.CharField(max_length=2)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # The session in which somebody said yes: it vouches for the new one.
    confirmed_in = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceCodeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["expires_at"], name="device_code_expiry")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="device_code_expires_after_start"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_in__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_in__isnull=False, declined_at__isnull=True),
                name="device_code_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(collected_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="device_code_collected_after_confirming",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def status(self, now: datetime) -> Status:
        if self.collected_at:
            return "used"
        if self.declined_at:
            return "declined"
        if self.confirmed_at:
            return "confirmed" if self.confirmed_at > now - COLLECT_WITHIN else "expired"
        return "waiting" if self.expires_at > now else "expired"
