"""Staff takes a deletion back: the messages are there again, with their files, as the chat's newest change.

What others did to them is not: reactions and pins went with the deletion.
"""

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django_tasks import task

from abdre.events import chat_group, publish
from chat_svc.errors import CannotUndo, ChatNotFound
from chat_svc.events import message_changed, message_json
from chat_svc.models import Attachment, Chat, Deed, KeptMessage, Membership, Message, ModerationEntry, Right, State
from chat_svc.services.counting import count_again
from chat_svc.services.deleting import DELETE_BATCH, tell_threads
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.messages import AT_ONCE_S, chats_of_deed, kept_of
from chat_svc.services.moderation.notices import tell_people
from chat_svc.services.moderation.staff import Staff, check_target, require_right
from chat_svc.services.sealing import unseal
from chat_svc.writer.mentions import note_mentions
from user_svc.services import NoticeKind

GONE = ("reactions", "pinned_at", "pinned_by", "thread", "replies")


def restore_messages(*, by: Staff, entry_id: int) -> ModerationEntry:
    """What the deed `entry_id` deleted and is kept still; no part of another transaction. See `is_under_way`.

    Raises NotStaff, TargetProtected, CannotUndo for another deed, one taken back already, or one of long ago,
    ReasonMissing.
    """
    actor = require_right(by, Right.MODERATE_MESSAGES)
    deleted = ModerationEntry.objects.filter(id=entry_id, deed=Deed.MESSAGES_DELETED).first()
    kept = KeptMessage.objects.filter(entry_id=entry_id)
    authors = set(kept.values_list("sender_id", flat=True).distinct())
    if deleted is None or not authors:
        raise CannotUndo
    for author in authors:
        check_target(actor, author)
    try:
        with transaction.atomic():
            entry = note(
                by,
                Deed.MESSAGES_RESTORED,
                person_id=deleted.person_id,
                chat_id=deleted.chat_id,
                seq=deleted.seq,
                undoes=entry_id,
                messages=kept.count(),
            )
            tell_people(entry, NoticeKind.MESSAGES_RESTORED, authors)
            go_on_restoring.enqueue(entry.pk)
    except IntegrityError as problem:  # once for each deed
        raise CannotUndo from problem
    _restore_until(entry, time.monotonic() + AT_ONCE_S)
    return entry


@task()
def go_on_restoring(entry_id: int) -> None:
    _restore_until(ModerationEntry.objects.get(id=entry_id), math.inf)


def _restore_until(entry: ModerationEntry, end: float) -> None:
    """In all chats that the deletion goes through, whatever is kept of them yet: what it deletes at this moment is
    committed when the chat's lock is ours, and then it sees that it has been taken back."""
    for chat_id in chats_of_deed(entry):
        with suppress(ChatNotFound):  # erased meanwhile
            while time.monotonic() < end and _restore_some(chat_id, entry):
                pass


def _restore_some(chat_id: UUID, entry: ModerationEntry) -> bool:
    """Whether there was anything left to restore."""
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        own = kept_of(entry).filter(chat=chat).order_by("seq")
        kept = {one.seq: one for one in own[:DELETE_BATCH]}
        if kept:
            found = Message.objects.filter(chat=chat, seq__in=kept).select_related("sender").order_by("seq")
            _restore(chat, list(found), kept)
    return bool(kept)


def _restore(chat: Chat, messages: Sequence[Message], kept: dict[int, KeptMessage]) -> None:
    for message, version in zip(messages, chat.next_versions(len(messages)), strict=True):
        facts = {"body": kept[message.seq].body, "extras": _extras(message, kept[message.seq]), "deleted_at": None}
        Message.objects.filter(chat=chat, seq=message.seq).update(version=version, **facts)
        for name, value in {**facts, "version": version}.items():
            setattr(message, name, value)
    KeptMessage.objects.filter(chat=chat, seq__in=kept).delete()
    Attachment.objects.of_messages(chat.id, kept).update(withheld=False)
    _count(chat, messages)
    unseal(chat, kept)
    publish(chat_group(chat.id), *(message_changed(message_json(message), chat=chat) for message in messages))
    tell_threads(chat, messages)


def _extras(message: Message, kept: KeptMessage) -> dict[str, Any] | None:
    """Its place in a thread, and the thread on it, as they are now; all else that was its own as it was."""
    own = {name: value for name, value in (kept.extras or {}).items() if name not in GONE}
    return {**own, **(message.lasting_extras or {})} or None


def _count(chat: Chat, messages: Sequence[Message]) -> None:
    by_sender: defaultdict[UUID, list[Message]] = defaultdict(list)
    for message in messages:
        by_sender[message.sender_id].append(message)
    for of_one in by_sender.values():
        count_again(chat, of_one)
    calling = [message for message in messages if "mentions" in (message.extras or {})]
    if calling:
        members = set(Membership.objects.filter(chat=chat, state=State.ACTIVE).values_list("user_id", flat=True))
        for message in calling:
            note_mentions(chat, message.seq, _called(message, members))


def _called(message: Message, members: set[UUID]) -> set[UUID]:
    """Those of whom it calls who are there still."""
    said = [mention["user"] for mention in (message.extras or {})["mentions"]]
    people = members if None in said else {UUID(user) for user in said} & members
    return people - {message.sender_id}
