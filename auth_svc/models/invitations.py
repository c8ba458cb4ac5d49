"""Who may enter which chat until when, and who came in by it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from auth_svc.models.short_tokens import TURN, turn_of, write_token

Status = Literal["created", "opened", "joined", "declined", "expired", "revoked", "used_up"]

LABEL_LENGTH = 60
MAX_USES_LIMIT = 1_000
PASSWORD_HASH_LENGTH = 128

NONCE_BYTES = 24
TOKEN_BYTES = 24  # 192 bits are 32 characters of base64url, without padding
TOKEN_SALT = "auth_svc.invitation"


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def token_of(nonce: bytes, *, secret_key: str | bytes) -> str:
    """The token that belongs to `nonce`: whoever reads the table alone cannot make it."""
    digest = salted_hmac(TOKEN_SALT, nonce, secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, user_id: UUID) -> InvitationQuerySet:
        return self.filter(created_by_id=user_id)

    def with_token(self, token: str) -> InvitationQuerySet:
        """By a lasting token; that of a rotating code is shown to nobody and opens nothing."""
        return self.filter(token_hash=hash_of(token), rotating=False)

    def claimable(self, now: datetime) -> InvitationQuerySet:
        return self.filter(
            Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses")),
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            revoked_at__isnull=True,
        )

    def expiry_untold(self, now: datetime) -> InvitationQuerySet:
        return self.filter(expires_at__lte=now, expiry_told_at__isnull=True)


class Invitation(models.Model):
    """A code into one chat, or without one: each newcomer gets a direct chat with the host.

    Its token is nowhere: `nonce` and SECRET_KEY make it again, `token_hash` recognises it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    chat = models.ForeignKey(
        "chat_svc.Chat", on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    nonce = models.BinaryField(max_length=NONCE_BYTES)
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    guests = models.BooleanField(default=True)
    # Whether the host lets each newcomer in, and whether the code on the screen changes all the time.
    approval = models.BooleanField(default=False, db_default=False)
    rotating = models.BooleanField(default=False, db_default=False)
    password_hash = models.CharField(max_length=PASSWORD_HASH_LENGTH, blank=True, default="", db_default="")
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    opens = models.PositiveIntegerField(default=0, db_default=0)
    declines = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expiry_told_at = models.DateTimeField(null=True, blank=True)
    # The fresh code that was made of this one; pressed twice, the second press finds it.
    replaced_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_by", "-created_at"], name="invitation_by_host"),
            models.Index(fields=["created_at", "id"], name="invitation_newest"),
            models.Index(
                fields=["expires_at"],
                name="invitation_expiry_untold",
                condition=Q(expires_at__isnull=False, expiry_told_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(max_uses__gte=1, max_uses__lte=MAX_USES_LIMIT),
                name="invitation_max_uses_in_range",
            ),
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")), name="invitation_never_over_used"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="invitation_expires_after_start",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def lifetime(self) -> timedelta | None:
        """How long the code was made for; None is "until revoked"."""
        return self.expires_at - self.created_at if self.expires_at else None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_used_up(self) -> bool:
        return self.max_uses is not None and self.uses >= self.max_uses

    def status(self, now: datetime) -> Status:
        """Where the code stands: why it is dead, else the furthest that anybody came with it."""
        if self.revoked_at:
            return "revoked"
        if self.is_used_up():
            return "used_up"
        if self.is_expired(now):
            return "expired"
        if self.uses:
            return "joined"
        if self.declines:
            return "declined"
        return "opened" if self.opened_at else "created"

    def token(self) -> str | None:
        """The token once more; None when SECRET_KEY was changed since. The code itself works on by its hash.

        Of a rotating code: that of this moment.
        """
        if self.rotating:
            return self.short_token(TURN, turn_of(timezone.now()))
        for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            token = token_of(bytes(self.nonce), secret_key=secret_key)
            if hmac.compare_digest(hash_of(token), self.token_hash):
                return token
        return None

    def short_token(self, kind: int, number: int) -> str:
        return write_token(kind, self.id, number, nonce=bytes(self.nonce), secret_key=settings.SECRET_KEY)


class InvitationUse(models.Model):
    """One person who came in by one invitation."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitation_uses")
    # The press of Join that made this guest; kept hashed, because within the repeat's time it signs the guest in again.
    attempt_hash = models.CharField(max_length=64, null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["joined_at"]
        constraints = [
            models.UniqueConstraint(fields=["invitation", "user"], name="invitation_use_once_per_person"),
            models.UniqueConstraint(fields=["invitation", "attempt_hash"], name="invitation_use_once_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"use of invitation {self.invitation_id} by {self.user_id}"
