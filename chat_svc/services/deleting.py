"""Messages are deleted for everyone: what they said goes, and what hung on them, and nobody counts them any more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, JSONField, QuerySet, Value, When
from django.utils import timezone

from abdre.events import chat_group, publish
from chat_svc.events import MessageJson, message_changed, message_json
from chat_svc.models import Chat, Membership, Message, MessageKind, Pin, Reaction
from chat_svc.services.counting import uncount
from chat_svc.services.sealing import unseal
from chat_svc.writer.threads import counted_anew

# So many are deleted while the chat is locked, and nobody writes there.
DELETE_BATCH = 200


def standing(chat_id: UUID, sender_id: UUID) -> QuerySet[Message]:
    """What the person has said there and is there still."""
    return standing_in([chat_id], sender_id)


def standing_in(chat_ids: Iterable[UUID] | QuerySet[Membership, UUID], sender_id: UUID) -> QuerySet[Message]:
    """In many chats: they are named, since every index begins with the chat."""
    return Message.objects.filter(chat_id__in=chat_ids, sender_id=sender_id, deleted_at=None, kind=MessageKind.TEXT)


def delete_all(chat: Chat, messages: Sequence[Message], **marks: Any) -> list[MessageJson]:
    """Told to all. The caller holds the chat's lock, and has seen to the files. `marks` hang on them from now on."""
    for of_one in _by_sender(messages):
        uncount(chat, of_one)
    now, seqs = timezone.now(), [message.seq for message in messages]
    for message, version in zip(messages, chat.next_versions(len(messages)), strict=True):
        message.version, message.body, message.deleted_at = version, "", now
        message.extras = {**(message.lasting_extras or {}), **marks} or None
    _write(chat, messages)
    unseal(chat, seqs)
    Reaction.objects.filter(chat=chat, seq__in=seqs).delete()
    Pin.objects.filter(chat=chat, seq__in=seqs).delete()
    told = [message_json(message) for message in messages]
    publish(chat_group(chat.id), *(message_changed(one, chat=chat) for one in told))
    tell_threads(chat, messages)
    return told


def _by_sender(messages: Sequence[Message]) -> list[list[Message]]:
    found: defaultdict[UUID, list[Message]] = defaultdict(list)
    for message in messages:
        found[message.sender_id].append(message)
    return list(found.values())


def _write(chat: Chat, messages: Sequence[Message]) -> None:
    """In one statement: the chat is locked for as long as this takes."""
    versions = Case(*(When(seq=message.seq, then=message.version) for message in messages))
    hanging = [When(seq=message.seq, then=_json(message.extras)) for message in messages if message.extras]
    own = Message.objects.filter(chat=chat, seq__in=[message.seq for message in messages])
    own.update(version=versions, body="", extras=Case(*hanging, default=None), deleted_at=messages[0].deleted_at)


def _json(extras: dict[str, Any]) -> Value:
    return Value(extras, output_field=JSONField())


def tell_threads(chat: Chat, messages: Sequence[Message]) -> None:
    """The roots of these replies, which have gone or come back, say anew how many there are."""
    threads = sorted({message.thread for message in messages if message.thread is not None})
    publish(chat_group(chat.id), *(event for thread in threads for event in counted_anew(chat, thread)))
