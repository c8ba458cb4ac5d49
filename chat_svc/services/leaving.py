"""A person leaves for good: out of every chat, and what they said with them if they wish.

Each deed locks one chat at a time, and can be done again where it was cut off.
"""

import re
from contextlib import suppress
from uuid import UUID

from django.db import transaction

from abdre.events import chat_group, publish
from chat_svc.errors import ChatNotFound
from chat_svc.events import chat_changed
from chat_svc.models import (
    TITLE_LIMIT,
    Attachment,
    Chat,
    Draft,
    HeldMessage,
    Membership,
    MessageEdit,
    Reminder,
    ScheduledMessage,
    State,
)
from chat_svc.services.deleting import DELETE_BATCH, delete_all, standing
from chat_svc.services.ending import hand_on_or_close
from chat_svc.services.keeping import forget_kept_of
from chat_svc.services.members import active_chats, deactivate
from chat_svc.services.reactions import erase_reactions
from chat_svc.services.reports import forget_reporter
from user_svc.services import forget_title_of_chat


def leave_chats(*, user_id: UUID) -> None:
    """A chat without another owner goes to whoever has managed it, else been in it, the longest; else it closes.

    What the person had still in mind there goes first: drafts, what was to be sent, reminders, reports but those that
    wait for the staff.
    """
    Draft.objects.filter(membership__user_id=user_id).delete()
    ScheduledMessage.objects.filter(sender_id=user_id).delete()
    HeldMessage.objects.filter(sender_id=user_id).delete()
    Reminder.objects.filter(user_id=user_id).delete()
    forget_reporter(user_id=user_id)
    for chat_id in active_chats(user_id):
        # Erased, or the person was put out, since we looked.
        with suppress(ChatNotFound), transaction.atomic():
            chat, membership = Chat.objects.locked_for(chat_id, user_id)
            deactivate(chat, membership, State.LEFT)
            hand_on_or_close(chat)


def erase_messages(*, user_id: UUID) -> None:
    """All that the person ever said anywhere is deleted for everyone, in many short transactions; with what it said
    before it was edited, or before staff deleted it, and their reactions."""
    chat_ids = Membership.objects.filter(user_id=user_id).order_by("chat_id").values_list("chat_id", flat=True)
    for chat_id in list(chat_ids):
        with suppress(ChatNotFound):  # erased meanwhile
            while _erase_some(chat_id, user_id):
                pass
            MessageEdit.objects.filter(chat_id=chat_id, sender_id=user_id).delete()
            erase_reactions(chat_id=chat_id, user_id=user_id)


def _erase_some(chat_id: UUID, user_id: UUID) -> bool:
    """Whether there was anything left to erase. Nothing stands and nothing is kept at once in the end: nobody can
    restore it any more."""
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        some = list(standing(chat_id, user_id).select_related("sender").order_by("seq")[:DELETE_BATCH])
        if not some:
            return forget_kept_of(chat, user_id) > 0
        Attachment.objects.of_messages(chat_id, [message.seq for message in some]).drop()
        delete_all(chat, some)
    return True


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
