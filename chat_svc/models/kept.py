"""What staff has deleted is kept for a time, so that it can be restored."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat


class KeptMessage(models.Model):
    """What a message said, and what hung on it. Nobody reads it; its files stay where they are, withheld."""

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+", db_index=False)  # the key begins with it
    seq = models.BigIntegerField()
    entry_id = models.BigIntegerField()  # of the moderation log: the deed by which it was deleted
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    body = models.TextField(blank=True)
    extras = models.JSONField(null=True)
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["entry_id", "chat", "seq"], name="kept_by_deed")]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"
