"""What will be said later: the worker sends it at its time."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat_svc.models.chats import Chat

if TYPE_CHECKING:
    from typing import Self

SCHEDULED_LIMIT = 100  # of a person
# A claim outlives one sending, which waits at most for the writer.
CLAIM = timedelta(seconds=60)


class ScheduledQuerySet(models.QuerySet["ScheduledMessage"]):
    def free(self) -> Self:
        """Those that nobody is sending at this moment."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=timezone.now()))

    def due(self) -> Self:
        return self.free().filter(problem="", send_at__lte=timezone.now()).order_by("send_at", "id")

    def claim(self, scheduled_id: UUID) -> bool:
        """Whether it is ours to send; of several workers one does."""
        free = self.free().filter(id=scheduled_id)
        return bool(free.update(claimed_until=timezone.now() + CLAIM))


class ScheduledMessage(models.Model):
    """It carries the `client_id` under which it will be sent, so that it is sent once, whoever dies in between."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    client_id = models.UUIDField()
    body = models.TextField()
    reply_to = models.BigIntegerField(null=True, blank=True)
    send_at = models.DateTimeField()
    # The code of the refusal; empty while it is still to be sent.
    problem = models.CharField(max_length=40, blank=True, default="")
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[ScheduledMessage]] = models.Manager.from_queryset(ScheduledQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chat", "sender", "client_id"], name="scheduled_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["send_at"], condition=Q(problem=""), name="scheduled_due"),
            models.Index(fields=["sender", "send_at"], name="scheduled_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)
