"""Who is called by name in a message: one row for each person and message, while it is so."""

from django.conf import settings
from django.db import models

from chat_svc.models.chats import Chat


class Mention(models.Model):
    """In the order of the question asked most: what of this chat calls this person, after their mark?"""

    pk = models.CompositePrimaryKey("chat_id", "user_id", "seq")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="mentions", db_index=False)  # the key begins with it
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["chat", "seq"], name="mention_of_message")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.chat_id}/{self.seq}"
