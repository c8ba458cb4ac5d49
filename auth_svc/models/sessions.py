"""Who is signed in where: one Session per device, one live RefreshToken per Session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from auth_svc.models.tokens import PersonalToken

USER_AGENT_LENGTH = 400
ADDRESS_LENGTH = 64


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self, now: datetime | None = None) -> SessionQuerySet:
        return self.filter(ended_at__isnull=True, expires_at__gt=now or timezone.now())

    def of(self, user_id: UUID) -> SessionQuerySet:
        return self.filter(user_id=user_id)

    def in_person(self) -> SessionQuerySet:
        """Devices, and not programs that hold a personal token."""
        return self.filter(token__isnull=True)


class Session(models.Model):
    """One device on which somebody is signed in; it outlives its tokens and is ended, never deleted, by its owner."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the person last showed here who they are, and by a second factor.
    authenticated_at = models.DateTimeField(default=timezone.now, db_default=Now())
    second_factor_at = models.DateTimeField(null=True, blank=True)
    remember = models.BooleanField(default=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    # Only the network's prefix: enough to recognise a place, too little to follow a person.
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    # Of a program, which comes by a personal token and for as long as that lasts.
    token = models.ForeignKey(PersonalToken, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at"]
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="session_by_user"),
            models.Index(fields=["created_at", "id"], name="session_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="session_expires_after_start"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefreshToken(models.Model):
    """One link of a session's chain of refresh secrets; the secret itself is nowhere, and it ends with its session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    successor = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="predecessor"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(used_at__isnull=True), name="refresh_one_live_per_session"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(used_at__isnull=False), name="refresh_successor_after_use"
            ),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="refresh_not_its_own_successor"),
        ]

    def __str__(self) -> str:
        return f"refresh token {self.pk} of session {self.session_id}"
