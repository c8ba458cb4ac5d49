"""What staff did to whom, when, why and from where. Nothing of it is changed or deleted; the database sees to it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

REASON_LIMIT = 1_000


class Right(models.TextChoices):
    """What staff may do, group by group."""

    HANDLE_REPORTS = "handle_reports", _("Handle reports, and read what was reported")
    MODERATE_MESSAGES = "moderate_messages", _("Delete, restore and approve messages")
    MODERATE_PEOPLE = "moderate_people", _("Warn, silence, remove and ban people")
    MODERATE_CHATS = "moderate_chats", _("Close, lock and slow chats, and revoke codes")
    READ_LOG = "read_log", _("Read the moderation log")
    EXPORT_LOG = "export_log", _("Export the moderation log")
    APPOINT_STAFF = "appoint_staff", _("Appoint and dismiss staff")
    SET_RULES = "set_rules", _("Set the word filter's rules")
    SEE_SYSTEM = "see_system", _("See sessions, all chats' facts and browsers' errors")


class Deed(models.TextChoices):
    LOOKED = "looked", _("Read what was reported")
    MESSAGES_DELETED = "messages.deleted", _("Deleted messages")
    MESSAGES_RESTORED = "messages.restored", _("Restored messages")
    HELD_APPROVED = "held.approved", _("Approved a held message")
    HELD_REJECTED = "held.rejected", _("Rejected a held message")
    WARNED = "person.warned", _("Warned")
    SILENCED = "person.silenced", _("Silenced")
    UNSILENCED = "person.unsilenced", _("Let write again")
    REMOVED = "person.removed", _("Removed from a chat")
    BANNED_FROM_CHAT = "person.banned_from_chat", _("Banned from a chat")
    UNBANNED_FROM_CHAT = "person.unbanned_from_chat", _("Lifted a ban from a chat")
    BANNED = "person.banned", _("Banned")
    UNBANNED = "person.unbanned", _("Lifted a ban")
    SESSIONS_ENDED = "sessions.ended", _("Ended sessions")
    CODE_REVOKED = "code.revoked", _("Revoked a code")
    CHAT_CLOSED = "chat.closed", _("Closed a chat")
    CHAT_REOPENED = "chat.reopened", _("Opened a chat again")
    CHAT_LOCKED = "chat.locked", _("Locked a chat")
    CHAT_UNLOCKED = "chat.unlocked", _("Unlocked a chat")
    CHAT_SLOWED = "chat.slowed", _("Changed a chat’s slow mode")
    REPORT_CLAIMED = "report.claimed", _("Took a report")
    REPORT_RELEASED = "report.released", _("Gave a report back")
    REPORT_ESCALATED = "report.escalated", _("Escalated a report")
    REPORT_RESOLVED = "report.resolved", _("Resolved a report")
    REPORT_REJECTED = "report.rejected", _("Rejected a report")
    REPORT_REOPENED = "report.reopened", _("Opened a report again")
    RULE_ADDED = "rule.added", _("Added a rule")
    RULE_CHANGED = "rule.changed", _("Changed a rule")
    RULE_REMOVED = "rule.removed", _("Removed a rule")
    APPOINTED = "staff.appointed", _("Appointed to staff")
    DISMISSED = "staff.dismissed", _("Dismissed from staff")
    LOG_EXPORTED = "log.exported", _("Exported the log")


class ModerationEntry(models.Model):
    """One deed. Ids are plain, `details` holds ids and numbers: it outlives what it names, and tells no word of it."""

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField()
    deed = models.CharField(max_length=40)  # a Deed; no choices, so that a new one is no migration
    person_id = models.UUIDField(null=True)  # to whom it was done
    chat_id = models.UUIDField(null=True)
    seq = models.BigIntegerField(default=0, db_default=0)  # of the message, 0: none
    target_id = models.UUIDField(null=True)  # the invitation, the held message, the rule
    report_id = models.UUIDField(null=True)  # what it was done about
    reason = models.CharField(max_length=REASON_LIMIT, blank=True)
    address = models.CharField(max_length=64, blank=True)  # the network's prefix
    details = models.JSONField(default=dict)
    undoes = models.BigIntegerField(null=True)  # the entry whose deed this one took back

    class Meta:
        default_permissions = ()
        permissions: ClassVar = list(Right.choices)
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["actor_id", "-id"], name="moderation_by_actor"),
            models.Index(fields=["person_id", "-id"], name="moderation_by_person"),
            models.Index(fields=["chat_id", "-id"], name="moderation_by_chat"),
            models.Index(
                fields=["report_id"], condition=models.Q(report_id__isnull=False), name="moderation_by_report"
            ),
            models.Index(fields=["deed", "-id"], name="moderation_by_deed"),
            models.Index(fields=["at"], name="moderation_by_time"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["undoes"], condition=models.Q(undoes__isnull=False), name="moderation_undone_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} #{self.pk}"
