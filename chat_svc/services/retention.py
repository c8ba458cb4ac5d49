"""Messages are kept for a time and no longer: they go from a chat's beginning on, with all that hangs on them.

A batch is one short transaction, after which `Chat.pruned_below` says how far it has come and everything is right, so
whoever is cut off goes on from there. All are told when the chat's last batch is done: by `chat.changed`, which whoever
was away hears from a resume.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from uuid import UUID

from django.db import transaction

from abdre.events import chat_group, publish, user_group
from chat_svc.errors import ChatNotFound
from chat_svc.events import chat_changed, draft_changed, draft_json
from chat_svc.models import (
    Attachment,
    Chat,
    Draft,
    KeptMessage,
    MembershipEntry,
    Mention,
    Message,
    MessageEdit,
    Pin,
    Reaction,
    Reminder,
    ScheduledMessage,
    SearchBlock,
)
from chat_svc.models.search import block_number
from chat_svc.selectors.retention import first_kept, some_due_chats
from chat_svc.services.counting import pass_over
from chat_svc.services.sealing import unseal

# While a batch goes the chat is locked, and nobody writes there.
BATCH = 1_000
# Well under a second: other deeds of the clock wait for it.
BATCHES_AT_ONCE = 5


def prune_messages() -> int:
    """Some of what has come of age; answers how many messages went. Called by the clock."""
    return sum(islice(prune(some_due_chats()), BATCHES_AT_ONCE))


def prune(chats: Iterable[Chat]) -> Iterator[int]:
    """All that has come of age there, batch by batch, each with how many messages went."""
    for chat in chats:
        with suppress(ChatNotFound):  # erased meanwhile
            while count := _prune_some(chat.id):
                yield count


def _prune_some(chat_id: UUID) -> int:
    """By the rules as they are under the lock. Raises ChatNotFound."""
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        end = first_kept(chat)
        below = min(end, chat.pruned_below + BATCH)
        count = below - chat.pruned_below
        if count:
            _erase(chat, below)
            _move_to(chat, below, is_end=below == end)
    return count


def _move_to(chat: Chat, below: int, *, is_end: bool) -> None:
    if not is_end:
        chat.pruned_below = below
        chat.save(update_fields=["pruned_below"])
        return
    chat.change(pruned_below=below)
    publish(chat_group(chat.id), chat_changed(chat))


def _erase(chat: Chat, below: int) -> None:
    pass_over(chat, below=below)
    for model in (Reaction, MessageEdit, KeptMessage, Pin, Mention, Reminder, Message):
        model._default_manager.filter(chat=chat, seq__lt=below).delete()
    # What happened after the last of them stands before the first that stays.
    MembershipEntry.objects.filter(chat=chat, after_seq__lt=below - 1).delete()
    Attachment.objects.filter(chat=chat, message_seq__lt=below).drop()
    SearchBlock.objects.filter(chat=chat, number__lt=block_number(below)).delete()
    unseal(chat, [below])
    ScheduledMessage.objects.filter(chat=chat, reply_to__lt=below).update(reply_to=None)
    _part_drafts(chat, below)


def _part_drafts(chat: Chat, below: int) -> None:
    """There is nothing any more to reply to."""
    replies = Draft.objects.filter(membership__chat=chat, reply_to__lt=below).select_related("membership")
    for draft in replies:
        draft.reply_to = None
        if Draft.objects.filter(membership=draft.membership, saved_at=draft.saved_at).update(reply_to=None):
            publish(user_group(draft.membership.user_id), draft_changed(chat.id, draft_json(draft)))
