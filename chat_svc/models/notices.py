"""What is still to be told to people's browsers.

The chat's own path of writing knows nothing of it: a watched chat has a mark up to which it was looked at, and whatever
is newer is still to be looked at, so a worker that dies or a house that restarts loses nothing.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat


class Watch(models.Model):
    """A chat in which somebody has, or has had, a browser that is told things."""

    chat = models.OneToOneField(Chat, models.CASCADE, primary_key=True, related_name="+")
    seq = models.BigIntegerField()  # looked at up to here

    def __str__(self) -> str:
        return f"{self.chat_id} from {self.seq}"


class Notice(models.Model):
    """One browser is still to be told of what was said from `since` to `until`; what exactly is looked up then."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+")
    subscription = models.ForeignKey("user_svc.PushSubscription", models.CASCADE, related_name="+")
    since = models.BigIntegerField()
    until = models.BigIntegerField()
    tries = models.PositiveIntegerField(default=0)  # in vain
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)  # by whoever tells it at this moment

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chat", "subscription"], name="notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.since}-{self.until} to {self.subscription_id}"
