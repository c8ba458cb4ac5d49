"""What was said in a chat, as a file for one of its members, made when they ask and forgotten a week later."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat

EXPORT_KEPT = timedelta(days=7)
# Longer than its job is tried again.
EXPORT_FAILED_AFTER = timedelta(hours=6)


class ExportFormat(models.TextChoices):
    JSON = "json"
    HTML = "html"


class ChatExport(models.Model):
    """The file stands in the row, since nothing else is shared by all roles; it goes with the chat and the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="exports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chat_exports")
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    archive = models.BinaryField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chat", "user"], condition=models.Q(made_at__isnull=True), name="chat_export_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def status(self, now: datetime) -> str:
        if self.made_at:
            return "ready"
        return "failed" if self.asked_at <= now - EXPORT_FAILED_AFTER else "waiting"
