"""Which messages of a chat are pinned, by whom and since when."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat

PINS_LIMIT = 50  # of a chat


class Pin(models.Model):
    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="pins", db_index=False)  # the key begins with it
    seq = models.BigIntegerField()
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    pinned_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"
