"""What somebody has begun to write in a chat, for all of their devices."""

from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Membership


class Draft(models.Model):
    """One for each membership: the list of chats reads it along with that, in the same query."""

    membership = models.OneToOneField(Membership, models.CASCADE, primary_key=True, related_name="draft")
    body = models.TextField()
    reply_to = models.BigIntegerField(null=True, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"draft of {self.membership_id}"
