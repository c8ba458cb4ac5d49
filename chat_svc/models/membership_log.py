"""What happened to a chat's memberships, to be read between its messages. Nothing of it changes afterwards."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat, Role

LOG_LIMIT = 500  # entries in one answer, the newest


class EntryKind(models.TextChoices):
    JOINED = "joined"
    LEFT = "left"
    REMOVED = "removed"
    BANNED = "banned"
    ROLE_CHANGED = "role_changed"


class MembershipEntry(models.Model):
    """`version` is the one that the membership's change took, so it is unique in the chat, and orders the log."""

    pk = models.CompositePrimaryKey("chat_id", "after_seq", "version")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="membership_log", db_index=False)  # begins the key
    # The last message by then, under the chat's lock: exact where clocks are not, and a page of messages is a range.
    after_seq = models.BigIntegerField()
    version = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=Role.choices)  # from then on
    # Who did it, where that was somebody else.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="membership_entry_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["removed", "banned"]) | models.Q(by__isnull=False),
                name="membership_entry_removed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} in {self.chat_id}"
