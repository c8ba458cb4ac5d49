"""A person leaves for good: out of every chat, and what they said with them if they wish.

Each deed locks one chat at a time, and can be done again where it was cut off.
"""

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, JSONField, Value, When
from django.utils import timezone

from abdre.events import chat_group, publish
from chat_svc.errors import ChatNotFound
from chat_svc.events import chat_changed, message_changed, message_json
from chat_svc.models import (
    TITLE_LIMIT,
    Attachment,
    Chat,
    Draft,
    EntryKind,
    Kind,
    Membership,
    Message,
    MessageEdit,
    MessageKind,
    Pin,
    Reaction,
    Reminder,
    Role,
    ScheduledMessage,
    State,
)
from chat_svc.services.counting import uncount
from chat_svc.services.members import active_chats, deactivate
from chat_svc.services.membership_log import tell
from chat_svc.services.reactions import erase_reactions
from chat_svc.services.sealing import unseal
from chat_svc.writer.threads import counted_anew
from user_svc.services import forget_title_of_chat

# So many are erased while the chat is locked, and nobody writes there.
ERASE_BATCH = 200


def leave_chats(*, user_id: UUID) -> None:
    """A chat without another owner goes to whoever has managed it, else been in it, the longest; else it closes.

    What the person had still in mind there goes first: drafts, what was to be sent, reminders.
    """
    Draft.objects.filter(membership__user_id=user_id).delete()
    ScheduledMessage.objects.filter(sender_id=user_id).delete()
    Reminder.objects.filter(user_id=user_id).delete()
    for chat_id in active_chats(user_id):
        # Erased, or the person was put out, since we looked.
        with suppress(ChatNotFound), transaction.atomic():
            chat, membership = Chat.objects.locked_for(chat_id, user_id)
            deactivate(chat, membership, State.LEFT)
            if not _is_owned(chat):
                _close(chat)


def _is_owned(chat: Chat) -> bool:
    """Whether the chat has an owner still, or a new one. Of a direct chat nobody is left to talk to."""
    others = chat.memberships.filter(state=State.ACTIVE)
    if chat.kind == Kind.DIRECT:
        return False
    if others.filter(role=Role.OWNER).exists():
        return True
    people = others.filter(user__is_active=True, user__is_bot=False)
    candidates = people.select_related("user").order_by("joined_at", "id")
    heir = candidates.filter(role=Role.ADMIN).first() or candidates.filter(role=Role.MEMBER).first()
    if heir is None:
        return False
    heir.change(version=chat.next_version(), role=Role.OWNER)
    tell(chat, heir, EntryKind.ROLE_CHANGED)
    return True


def _close(chat: Chat) -> None:
    if chat.closed_at is None:
        chat.change(closed_at=timezone.now())
        publish(chat_group(chat.id), chat_changed(chat))


def erase_messages(*, user_id: UUID) -> None:
    """All that the person ever said anywhere is deleted for everyone, in many short transactions; with what it said
    before it was edited, and their reactions."""
    chat_ids = Membership.objects.filter(user_id=user_id).order_by("chat_id").values_list("chat_id", flat=True)
    for chat_id in list(chat_ids):
        with suppress(ChatNotFound):  # erased meanwhile
            while _erase_some(chat_id, user_id):
                pass
            MessageEdit.objects.filter(chat_id=chat_id, sender_id=user_id).delete()
            erase_reactions(chat_id=chat_id, user_id=user_id)


def _erase_some(chat_id: UUID, user_id: UUID) -> bool:
    """Whether there was anything left to erase."""
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        left = Message.objects.filter(chat=chat, sender_id=user_id, deleted_at=None, kind=MessageKind.TEXT)
        some = list(left.select_related("sender").order_by("seq")[:ERASE_BATCH])
        if some:
            _erase(chat, some)
    return bool(some)


def _erase(chat: Chat, messages: list[Message]) -> None:
    uncount(chat, messages)
    now = timezone.now()
    for message, version in zip(messages, chat.next_versions(len(messages)), strict=True):
        message.version, message.body, message.extras, message.deleted_at = version, "", message.lasting_extras, now
    # In one statement: the chat is locked for as long as this takes.
    versions = Case(*(When(seq=message.seq, then=message.version) for message in messages))
    own = Message.objects.filter(chat=chat, seq__in=[message.seq for message in messages])
    lasting = [When(seq=message.seq, then=_json(message.extras)) for message in messages if message.extras]
    own.update(version=versions, body="", extras=Case(*lasting, default=None), deleted_at=now)
    unseal(chat, [message.seq for message in messages])
    Reaction.objects.filter(chat=chat, seq__in=[message.seq for message in messages]).delete()
    Pin.objects.filter(chat=chat, seq__in=[message.seq for message in messages]).delete()
    Attachment.objects.of_messages(chat.id, [message.seq for message in messages]).drop()
    publish(chat_group(chat.id), *(message_changed(message_json(message), chat=chat) for message in messages))
    threads = sorted({message.thread for message in messages if message.thread is not None})
    publish(chat_group(chat.id), *(event for thread in threads for event in counted_anew(chat, thread)))


def _json(extras: dict[str, Any]) -> Value:
    return Value(extras, output_field=JSONField())


def forget_name(*, user_id: UUID, name: str, instead: str) -> None:
    """The titles of chats that the person started say their name no more."""
    said = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    started = Chat.objects.filter(created_by_id=user_id, title__contains=name).order_by("id")
    for chat_id in list(started.values_list("id", flat=True)):
        with suppress(ChatNotFound), transaction.atomic():
            chat = Chat.objects.locked(chat_id)
            title = said.sub(lambda _: instead, chat.title)[:TITLE_LIMIT]
            if title != chat.title:
                chat.change(title=title)
                forget_title_of_chat(chat.id)
                publish(chat_group(chat.id), chat_changed(chat))
