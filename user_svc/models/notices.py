"""What staff lets a person know: a warning, or what was done to them and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

NOTICE_REASON_LIMIT = 1_000
CHAT_TITLE_LIMIT = 100  # as of a chat's own


class NoticeKind(models.TextChoices):
    """What was done; each client says it in its own words."""

    WARNED = "warned"
    MESSAGES_DELETED = "messages_deleted"
    MESSAGES_RESTORED = "messages_restored"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    REMOVED = "removed"
    BANNED_FROM_CHAT = "banned_from_chat"
    UNBANNED_FROM_CHAT = "unbanned_from_chat"
    BANNED = "banned"
    UNBANNED = "unbanned"
    CODE_REVOKED = "code_revoked"
    SESSIONS_ENDED = "sessions_ended"
    CHAT_CLOSED = "chat_closed"
    CHAT_REOPENED = "chat_reopened"
    MADE_MODERATOR = "made_moderator"
    MADE_ADMINISTRATOR = "made_administrator"
    DISMISSED = "dismissed"
    REPORT_HANDLED = "report_handled"


class StaffNotice(models.Model):
    """It stands before the person's eyes until they have said that they have read it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)  # a NoticeKind; no choices, so that a new one is no migration
    reason = models.CharField(max_length=NOTICE_REASON_LIMIT, blank=True)
    chat_id = models.UUIDField(null=True, blank=True)
    # As it was then: who was put out of the chat does not learn its new one. It goes with the chat.
    chat_title = models.CharField(max_length=CHAT_TITLE_LIMIT, blank=True, default="", db_default="")
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=models.Q(seen_at__isnull=True), name="notice_unseen"),
            models.Index(fields=["seen_at"], condition=models.Q(seen_at__isnull=False), name="notice_seen"),
            models.Index(fields=["chat_id"], condition=models.Q(chat_id__isnull=False), name="notice_of_chat"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
