"""Messages of which somebody wants to be reminded, and when."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat

REMINDERS_LIMIT = 100  # of a person


class Reminder(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+")
    seq = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    remind_at = models.DateTimeField()
    # It stays in the list after that: not every device was there to hear.
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "chat", "seq"], name="reminder_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["remind_at"], condition=models.Q(told_at__isnull=True), name="reminder_due"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} at {self.remind_at}"
