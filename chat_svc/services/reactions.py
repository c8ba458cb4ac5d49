"""People react to messages by emoji."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from chat_svc.emoji import as_emoji
from chat_svc.errors import InvalidMessage, MessageDeleted, TooManyReactions
from chat_svc.events import MessageJson, message_json, reactions_json
from chat_svc.models import Chat, Message, Reaction
from chat_svc.rights import Action, require
from chat_svc.services.changing import changed, found, refuse_if_blocked
from chat_svc.writer.rules import refuse_if_silenced

EMOJI_LIMIT = 20  # different ones on a message
PERSON_LIMIT = 5  # of one person on a message


def react(*, chat_id: UUID, actor_id: UUID, seq: int, emoji: str, on: bool) -> MessageJson:
    """Give a reaction, or take one's own back; what is so already changes nothing.

    Raises ChatNotFound, ChatOver, NotAllowed, MayNotWrite, Silenced, MessageNotFound, MessageDeleted, InvalidMessage,
    TooManyReactions.
    """
    sign = as_emoji(emoji)
    if not sign:
        raise InvalidMessage("emoji", _("One emoji."))
    with transaction.atomic():
        chat, membership, message = found(chat_id, actor_id, seq)
        require(Action.REACT, chat=chat, membership=membership)
        if message.deleted_at is not None:
            raise MessageDeleted
        given = _given(chat_id, seq)
        if ((sign, actor_id) in given) == on:
            return message_json(message)
        if on:
            refuse_if_blocked(chat)
            refuse_if_silenced(membership)
            _give(message, actor_id, sign, given)
        else:
            _take_back(message, actor_id, sign, given)
        return changed(chat, message, extras=message.extras_with(reactions=reactions_json(given)))


def erase_reactions(*, chat_id: UUID, user_id: UUID) -> None:
    """All of the person's in the chat; message by message, each in a transaction of its own."""
    own = Reaction.objects.filter(chat_id=chat_id, user_id=user_id).values_list("seq", flat=True)
    for seq in sorted(set(own)):
        with transaction.atomic():
            chat = Chat.objects.locked(chat_id)
            message = Message.objects.select_related("sender").filter(chat=chat, seq=seq).first()
            if message is None:  # pruned since we looked, and its reactions with it
                continue
            Reaction.objects.filter(chat=chat, seq=seq, user_id=user_id).delete()
            changed(chat, message, extras=message.extras_with(reactions=reactions_json(_given(chat_id, seq))))


def _given(chat_id: UUID, seq: int) -> list[tuple[str, UUID]]:
    """In the order in which they came."""
    reactions = Reaction.objects.filter(chat_id=chat_id, seq=seq).order_by("created_at", "user_id")
    return list(reactions.values_list("emoji", "user_id"))


def _give(message: Message, user_id: UUID, emoji: str, given: list[tuple[str, UUID]]) -> None:
    signs = {sign for sign, _ in given}
    own = [sign for sign, giver in given if giver == user_id]
    if (emoji not in signs and len(signs) >= EMOJI_LIMIT) or len(own) >= PERSON_LIMIT:
        raise TooManyReactions
    Reaction.objects.create(chat_id=message.chat_id, seq=message.seq, user_id=user_id, emoji=emoji)
    given.append((emoji, user_id))


def _take_back(message: Message, user_id: UUID, emoji: str, given: list[tuple[str, UUID]]) -> None:
    Reaction.objects.filter(chat_id=message.chat_id, seq=message.seq, user_id=user_id, emoji=emoji).delete()
    given.remove((emoji, user_id))
