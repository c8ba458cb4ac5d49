"""What people have reported to the staff of the installation: a message, a person, an invitation."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat

NOTE_LIMIT = 1_000


class TargetKind(models.TextChoices):
    MESSAGE = "message"
    PERSON = "person"
    INVITATION = "invitation"


class Reason(models.TextChoices):
    SPAM = "spam"
    ABUSE = "abuse"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    IMPERSONATION = "impersonation"
    ILLEGAL = "illegal"
    OTHER = "other"


class ReportState(models.TextChoices):
    OPEN = "open"
    ESCALATED = "escalated"  # for an administrator
    RESOLVED = "resolved"  # something was done
    REJECTED = "rejected"  # nothing was to be done


WAITING = (ReportState.OPEN, ReportState.ESCALATED)


class Report(models.Model):
    """`target_id`: of the person or the invitation; of a message, its author's, and `chat` and `seq` say which.

    A report of a message goes with its chat: of a temporary one, nothing is left after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target_kind = models.CharField(max_length=10, choices=TargetKind.choices)
    target_id = models.UUIDField()
    chat = models.ForeignKey(Chat, models.CASCADE, null=True, blank=True, related_name="+")
    seq = models.BigIntegerField(default=0)  # 0: no message
    # PROTECT: what waits for the staff does so when its reporter has left, whose row then bears no name.
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    note = models.CharField(max_length=NOTE_LIMIT, blank=True)
    # The message as it was when it was reported, and its neighbours: what is edited afterwards changes nothing here.
    snapshot = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    # Who of the staff has taken it on, and who has closed it.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reporter", "target_kind", "target_id"],
                condition=models.Q(chat__isnull=True, state__in=WAITING),
                name="report_once",
            ),
            models.UniqueConstraint(
                fields=["reporter", "chat", "seq"],
                condition=models.Q(chat__isnull=False, state__in=WAITING),
                name="report_of_message_once",
            ),
            models.CheckConstraint(
                condition=models.Q(target_kind="message", chat__isnull=False, seq__gte=1)
                | (~models.Q(target_kind="message") & models.Q(chat__isnull=True, seq=0)),
                name="report_names_its_target",
            ),
            models.CheckConstraint(condition=models.Q(reason__in=Reason.values), name="report_reason_known"),
            models.CheckConstraint(condition=models.Q(state__in=ReportState.values), name="report_state_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=WAITING) ^ models.Q(closed_at__isnull=False),
                name="report_closed_when_done",
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by__isnull=True) ^ models.Q(claimed_at__isnull=False),
                name="report_claimed_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id"], name="report_newest"),
            models.Index(fields=["state", "created_at"], name="report_queue"),
            models.Index(fields=["target_id", "created_at"], name="report_of_target"),
            models.Index(fields=["reporter", "created_at"], name="report_by_reporter"),
            models.Index(
                fields=["-closed_at", "id"], condition=models.Q(closed_at__isnull=False), name="report_closed"
            ),
            models.Index(
                fields=["claimed_by", "created_at"],
                condition=models.Q(claimed_by__isnull=False, state__in=WAITING),
                name="report_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_kind}: {self.reason}"
