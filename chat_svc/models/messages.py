"""What was said; each change takes the chat's next version."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat

BODY_LIMIT = 8_000


class MessageKind(models.TextChoices):
    TEXT = "text"
    SYSTEM = "system"  # what happened in the chat, told as a fact in `extras`


class Message(models.Model):
    """Addressed by (chat, seq); every unique constraint includes the chat, so the table can be partitioned by it."""

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages", db_index=False)  # the key begins with it
    seq = models.BigIntegerField()
    version = models.BigIntegerField()
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    client_id = models.UUIDField()
    kind = models.CharField(max_length=10, default=MessageKind.TEXT)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    reply_to = models.BigIntegerField(null=True, blank=True)
    thread = models.BigIntegerField(null=True, blank=True)  # the seq of the message that the thread hangs on
    # What hangs on it (reactions, attachments), as it goes over the wire: read in one query with the message.
    extras = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "sender", "client_id"], name="message_sent_once"),
            models.UniqueConstraint(fields=["chat", "version"], name="message_version_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="message_seq_positive"),
            models.CheckConstraint(
                # A photo needs no words: what it says hangs on it, as with what the chat itself tells.
                condition=models.Q(deleted_at__isnull=False, body="")
                | models.Q(models.Q(extras__isnull=False) | ~models.Q(body=""), deleted_at__isnull=True),
                name="message_says_something_until_deleted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["chat", "thread", "seq"],
                name="message_of_thread",
                condition=models.Q(thread__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"

    @property
    def is_forwarded(self) -> bool:
        return "forwarded" in (self.extras or {})

    @property
    def lasting_extras(self) -> dict[str, Any] | None:
        """What stays on it when it is deleted: its place in a thread, and the thread that hangs on it."""
        extras = self.extras or {}
        return {name: extras[name] for name in ("thread", "replies") if name in extras} or None

    def extras_with(self, **keys: object) -> dict[str, Any] | None:
        """What would hang on it; a key without a value is left out, and the others are somebody else's."""
        extras = {**(self.extras or {}), **keys}
        return {name: value for name, value in extras.items() if value} or None
