"""What people send beside words. The row comes before the first byte and goes after the last: no file is lost."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Sum, Value, When
from django.utils import timezone

from chat_svc.files.kinds import FileKind
from chat_svc.models.chats import Chat
from chat_svc.models.held import HeldMessage

NAME_LIMIT = 255
PER_MESSAGE = 10
# Behind the files of its message, and one at most.
PREVIEW_POSITION = PER_MESSAGE
UNSENT_LIMIT = 4 * PER_MESSAGE
VOICE_LIMIT_MS = 3_600_000
# What was sent up and never said is somebody's forgotten tab.
UNSENT_KEPT = timedelta(hours=24)


class Progress(models.TextChoices):
    UPLOADING = "uploading"
    READY = "ready"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def drop(self) -> int:
        """They belong to no chat any more: nobody gets them, and the next sweep takes their files, then their rows."""
        return self.update(chat=None)

    def dropped(self) -> Self:
        return self.filter(chat=None)

    def there(self) -> Self:
        """But for those of messages that staff has deleted, and may restore."""
        return self.filter(withheld=False)

    def of_people(self) -> Self:
        """What they sent themselves: not the picture of a card, which the house has fetched."""
        return self.filter(of_preview=False)

    def unsent(self) -> Self:
        return self.exclude(chat=None).filter(message_seq=None)

    def forgotten(self) -> Self:
        return self.unsent().filter(held=None, created_at__lt=timezone.now() - UNSENT_KEPT)

    def of_messages(self, chat_id: UUID, seqs: Iterable[int]) -> Self:
        return self.filter(chat_id=chat_id, message_seq__in=list(seqs))

    def sendable(
        self, *, ids: Sequence[UUID], chat_id: UUID, uploader_id: UUID, held_id: UUID | None = None
    ) -> "list[Attachment]":
        """Those of `ids` that may go into a message of that person in that chat, in this order; locked.

        `held_id`: the message was kept back, and its files with it.
        """
        own = self.filter(chat_id=chat_id, uploader_id=uploader_id, state=Progress.READY, message_seq=None)
        found = own.select_for_update().filter(id__in=ids, held_id=held_id)
        return sorted(found, key=lambda attachment: ids.index(attachment.id))

    def put_into(self, seq: int, attachments: "Sequence[Attachment]") -> None:
        places = [When(id=attachment.id, then=Value(place)) for place, attachment in enumerate(attachments)]
        own = self.filter(id__in=[attachment.id for attachment in attachments])
        own.update(message_seq=seq, held=None, position=Case(*places, output_field=models.SmallIntegerField()))

    def bytes_of(self, uploader_id: UUID) -> tuple[int, int, int]:
        """Of what they sent up: (how many are not in a message yet, their bytes, the bytes of a day)."""
        since = timezone.now() - timedelta(days=1)
        unsent = Q(message_seq=None, chat__isnull=False)
        own = self.of_people().filter(Q(created_at__gte=since) | unsent, uploader_id=uploader_id)
        told = own.aggregate(
            count=models.Count("id", filter=unsent),
            unsent=Sum("size", filter=unsent, default=0),
            today=Sum("size", filter=Q(created_at__gte=since), default=0),
        )
        return told["count"], told["unsent"], told["today"]


class Attachment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: dropped, with its message, its chat, or before it was sent.
    chat = models.ForeignKey(Chat, models.SET_NULL, null=True, related_name="+", db_index=False)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    message_seq = models.BigIntegerField(null=True)
    position = models.SmallIntegerField(default=0)
    name = models.CharField(max_length=NAME_LIMIT)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=Progress.choices, default=Progress.UPLOADING)
    # Until it is whole and has been looked into, it is taken for what shows nothing.
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in FileKind], default=FileKind.FILE.value
    )
    content_type = models.CharField(max_length=100, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    animated = models.BooleanField(default=False)
    placeholder = models.CharField(max_length=1_000, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)  # a voice note's, as its recorder says
    withheld = models.BooleanField(default=False, db_default=False, editable=False)  # nobody gets it meanwhile
    # Of a message that is kept back: it stays, and goes into no other one.
    held = models.ForeignKey(HeldMessage, models.SET_NULL, null=True, related_name="attachments")
    of_preview = models.BooleanField(default=False, db_default=False, editable=False)  # of the card below a message
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Attachment"]] = models.Manager.from_queryset(AttachmentQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chat", "message_seq", "position"],
                condition=Q(message_seq__isnull=False),
                name="attachment_place_once",
            ),
            models.CheckConstraint(condition=Q(state__in=Progress.values), name="attachment_state_known"),
            models.CheckConstraint(
                condition=Q(received__gte=0, received__lte=models.F("size"), size__gte=1),
                name="attachment_received_within_size",
            ),
            models.CheckConstraint(
                condition=Q(message_seq__isnull=True) | Q(state=Progress.READY), name="attachment_sent_when_ready"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(chat__isnull=True), name="attachment_dropped"),
            models.Index(fields=["created_at"], condition=Q(message_seq__isnull=True), name="attachment_unsent"),
            models.Index(fields=["uploader", "created_at"], name="attachment_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)
