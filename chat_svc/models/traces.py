"""What stands beside a message: what it said before it was edited, and how people took it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.emoji import LENGTH_LIMIT
from chat_svc.models.chats import Chat


class MessageEdit(models.Model):
    """What a message said until somebody changed it. For who moderates the installation, and only for a time."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "version")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+", db_index=False)  # the key begins with it
    seq = models.BigIntegerField()
    version = models.BigIntegerField()  # of the message as it was
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    body = models.TextField()
    edited_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} until version {self.version}"


class Reaction(models.Model):
    """The facts; the message carries them, counted, in its `extras`."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "user_id", "emoji")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+", db_index=False)  # the key begins with it
    seq = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    emoji = models.CharField(max_length=LENGTH_LIMIT)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.emoji} on {self.chat_id}/{self.seq}"
