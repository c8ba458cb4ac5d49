"""Messages kept back until somebody lets them through."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.models.chats import Chat
from chat_svc.models.messages import Message

if TYPE_CHECKING:
    from typing import Self

# Of one person in one chat: who floods the queue waits until somebody has looked.
WAITING_LIMIT = 20
# Nobody has decided for so long: nobody will, and who wrote it is told so.
WAITS = timedelta(days=7)
# What was decided is shown to who wrote it for as long.
DECIDED_KEPT = timedelta(days=7)


class HeldWhy(models.TextChoices):
    WORDS = "words"  # by a rule of the installation: its staff decides
    LINK = "link"  # a guest's, where the chat holds those: who manages it decides
    FILE = "file"


class HeldState(models.TextChoices):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # by who wrote it


# What a chat itself wants held. Staff decides on what the installation wants held.
OF_CHAT = (HeldWhy.LINK, HeldWhy.FILE)


class HeldQuerySet(models.QuerySet["HeldMessage"]):
    def waiting(self) -> Self:
        return self.filter(state=HeldState.WAITING)

    def unsaid(self) -> Self:
        """Without what its author has sent once more, when nothing held it any longer: everybody reads that."""
        return self.filter(~_said())

    def said(self) -> Self:
        return self.filter(_said())

    def of_chats_own(self) -> Self:
        return self.filter(why__in=OF_CHAT)

    def decide(self, state: HeldState, *, by: uuid.UUID | None) -> int:
        """Those that still wait; of two who decide at once, one does. The words stay with who was refused."""
        facts: dict[str, object] = {"state": state, "decided_by": by, "decided_at": timezone.now()}
        return self.waiting().update(**facts)

    def withdraw(self) -> int:
        """Of what it said nothing is kept."""
        facts: dict[str, object] = {"state": HeldState.WITHDRAWN, "decided_at": timezone.now()}
        return self.update(body="", extras=None, **facts)


def _said() -> models.Exists:
    same = {name: models.OuterRef(name) for name in ("chat", "sender", "client_id")}
    return models.Exists(Message.objects.filter(**same))


class HeldMessage(models.Model):
    """It carries the `client_id` under which it will be said: said once, however often it is let through."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="+", db_index=False)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client_id = models.UUIDField()
    body = models.TextField(blank=True)
    reply_to = models.BigIntegerField(null=True, blank=True)
    thread = models.BigIntegerField(null=True, blank=True)
    # As it would hang on the message, its files too.
    extras = models.JSONField(null=True, blank=True)
    calls_people = models.BooleanField(default=True)
    why = models.CharField(max_length=10, choices=HeldWhy.choices)
    rule_id = models.UUIDField(null=True, blank=True)  # the deciding rule of the filter
    held_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=HeldState.choices, default=HeldState.WAITING)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[HeldMessage]] = models.Manager.from_queryset(HeldQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chat", "sender", "client_id"], name="held_once"),
            models.CheckConstraint(condition=models.Q(why__in=HeldWhy.values), name="held_why_known"),
            models.CheckConstraint(condition=models.Q(state__in=HeldState.values), name="held_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=HeldState.WAITING) ^ models.Q(decided_at__isnull=False),
                name="held_decided_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["chat", "held_at"], condition=models.Q(state="waiting"), name="held_in_chat"),
            models.Index(fields=["held_at"], condition=models.Q(state="waiting"), name="held_queue"),
            models.Index(fields=["decided_at"], condition=~models.Q(state="waiting"), name="held_decided"),
        ]

    def __str__(self) -> str:
        return str(self.id)
