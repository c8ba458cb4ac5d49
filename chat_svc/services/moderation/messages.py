"""Staff deletes messages: some of a chat, or all that somebody has said in one chat or everywhere."""

import math
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django_tasks import task

from chat_svc.errors import ChatNotFound, InvalidMessage, MessageDeleted, MessageNotFound, NotAllowed
from chat_svc.models import Chat, Deed, KeptMessage, Membership, Message, MessageKind, ModerationEntry, Right
from chat_svc.services.deleting import DELETE_BATCH, delete_all, standing_in
from chat_svc.services.keeping import keep_messages
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.notices import tell_people
from chat_svc.services.moderation.staff import Staff, check_target, require_right
from user_svc.services import NoticeKind

# Whoever has pressed the button waits so long; the worker does the rest.
AT_ONCE_S = 2.0


def delete_messages(*, by: Staff, chat_id: UUID, seqs: Iterable[int]) -> ModerationEntry:
    """For everyone, as a moderator's deed; of what is deleted already, nothing is done. Also where the chat is closed.

    Raises NotStaff, ChatNotFound, MessageNotFound, MessageDeleted, NotAllowed for the system's, InvalidMessage,
    TargetProtected, ReasonMissing.
    """
    actor = require_right(by, Right.MODERATE_MESSAGES)
    wanted = _checked(seqs)
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        messages = _deletable(chat, wanted)
        authors = {message.sender_id for message in messages}
        for author in authors:
            check_target(actor, author)
        entry = note(
            by,
            Deed.MESSAGES_DELETED,
            chat_id=chat.id,
            person_id=messages[0].sender_id if len(authors) == 1 else None,
            seq=messages[0].seq if len(messages) == 1 else 0,
            messages=len(messages),
            seqs=[message.seq for message in messages],
        )
        _delete(chat, messages, entry)
        tell_people(entry, NoticeKind.MESSAGES_DELETED, authors)
    return entry


def _checked(seqs: Iterable[int]) -> list[int]:
    wanted = sorted(set(seqs))
    if not 1 <= len(wanted) <= DELETE_BATCH:
        raise InvalidMessage("seq", _("From 1 to 200 messages."))
    return wanted


def _deletable(chat: Chat, seqs: Sequence[int]) -> list[Message]:
    found = list(Message.objects.filter(chat=chat, seq__in=seqs).select_related("sender").order_by("seq"))
    if len(found) < len(seqs):
        raise MessageNotFound
    if any(message.kind == MessageKind.SYSTEM for message in found):  # what happened, happened
        raise NotAllowed
    there = [message for message in found if message.deleted_at is None]
    if not there:
        raise MessageDeleted
    return there


def _delete(chat: Chat, messages: Sequence[Message], entry: ModerationEntry) -> None:
    keep_messages(chat, messages, entry_id=entry.pk)
    delete_all(chat, messages, deleted_by_staff=True)


def delete_messages_of(*, by: Staff, user_id: UUID, chat_id: UUID | None = None) -> ModerationEntry:
    """All that the person has said until now in the chat, or everywhere; no part of another transaction.

    In short ones, chat by chat. What takes longer than two seconds is done by the worker: `is_under_way` tells.

    Raises NotStaff, UserNotFound, TargetProtected, MessageNotFound where there is nothing, ReasonMissing.
    """
    target = check_target(require_right(by, Right.MODERATE_MESSAGES), user_id)
    with transaction.atomic():
        said = standing_in(_chats_of(target.id, chat_id), target.id).order_by("chat_id")
        counts = list(said.values("chat_id").annotate(count=Count("seq")).values_list("count", flat=True))
        if not counts:
            raise MessageNotFound
        entry = note(
            by,
            Deed.MESSAGES_DELETED,
            person_id=target.id,
            chat_id=chat_id,
            messages=sum(counts),
            chats=len(counts),
        )
        tell_people(entry, NoticeKind.MESSAGES_DELETED, [target.id])
        go_on_deleting.enqueue(entry.pk)  # also where this process dies in the middle
    _delete_until(entry, time.monotonic() + AT_ONCE_S)
    return entry


def _chats_of(user_id: UUID, chat_id: UUID | None) -> list[UUID] | QuerySet[Membership, UUID]:
    """The one, or all where they are or were, in the order of ids."""
    if chat_id is not None:
        return [chat_id]
    return Membership.objects.filter(user_id=user_id).order_by("chat_id").values_list("chat_id", flat=True)


def chats_of_deed(entry: ModerationEntry) -> list[UUID] | QuerySet[Membership, UUID]:
    """Through which the deletion, or its being taken back, goes."""
    if entry.chat_id:
        return [entry.chat_id]
    assert entry.person_id is not None  # a deed everywhere is on a person
    return _chats_of(entry.person_id, None)


@task()
def go_on_deleting(entry_id: int) -> None:
    _delete_until(ModerationEntry.objects.get(id=entry_id), math.inf)


def _delete_until(entry: ModerationEntry, end: float) -> None:
    """`end`: by the monotonic clock."""
    for chat_id in list(_left(entry).order_by("chat_id").values_list("chat_id", flat=True).distinct()):
        with suppress(ChatNotFound):  # erased meanwhile
            while time.monotonic() < end and _delete_some(chat_id, entry):
                pass


def _delete_some(chat_id: UUID, entry: ModerationEntry) -> bool:
    """Whether there was anything left to delete. Nothing is where the deed has been taken back meanwhile."""
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        if ModerationEntry.objects.filter(undoes=entry.pk).exists():
            return False
        some = list(_left(entry).filter(chat=chat).select_related("sender").order_by("seq")[:DELETE_BATCH])
        if some:
            _delete(chat, some, entry)
    return bool(some)


def _left(entry: ModerationEntry) -> QuerySet[Message]:
    """What the person said before the deed, and is there still."""
    assert entry.person_id is not None  # the deed is on a person
    return standing_in(chats_of_deed(entry), entry.person_id).filter(created_at__lte=entry.at)


def kept_of(entry: ModerationEntry) -> QuerySet[KeptMessage]:
    """What is still to be restored by a deed that takes a deletion back."""
    assert entry.undoes is not None
    return KeptMessage.objects.filter(entry_id=entry.undoes)


def is_under_way(entry: ModerationEntry) -> bool:
    """Whether the worker still deletes, or restores, what the deed names."""
    if entry.deed == Deed.MESSAGES_RESTORED:
        return kept_of(entry).exists()
    return "seqs" not in entry.details and _left(entry).exists()
