"""Messages are pinned, so that everybody finds them."""

from uuid import UUID

from django.db import transaction

from abdre.wire import utc
from chat_svc.errors import MessageDeleted, TooManyPins
from chat_svc.events import MessageJson, message_json
from chat_svc.models import PINS_LIMIT, Chat, Membership, Message, Pin
from chat_svc.rights import Action, require
from chat_svc.services.changing import changed, found, refuse_if_blocked
from chat_svc.services.system import say_system
from chat_svc.writer.rules import refuse_if_silenced


def pin(*, chat_id: UUID, actor_id: UUID, seq: int, on: bool) -> MessageJson:
    """Pin the message, or take the pin off; what is so already changes nothing.

    Raises ChatNotFound, ChatOver, NotAllowed, MayNotWrite, Silenced, MessageNotFound, MessageDeleted,
    TooManyPins.
    """
    with transaction.atomic():
        chat, membership, message = found(chat_id, actor_id, seq)
        require(Action.PIN, chat=chat, membership=membership)
        if message.deleted_at is not None:
            raise MessageDeleted
        if Pin.objects.filter(chat=chat, seq=seq).exists() == on:
            return message_json(message)
        return _pinned(chat, membership, message) if on else unpinned(chat, message)


def _pinned(chat: Chat, actor: Membership, message: Message) -> MessageJson:
    refuse_if_blocked(chat)
    refuse_if_silenced(actor)
    if Pin.objects.filter(chat=chat).count() >= PINS_LIMIT:
        raise TooManyPins
    made = Pin.objects.create(chat=chat, seq=message.seq, pinned_by=actor.user)
    extras = message.extras_with(pinned_at=utc(made.pinned_at), pinned_by=str(actor.user_id))
    shown = changed(chat, message, extras=extras)
    say_system(chat, actor.user, {"type": "pinned", "seq": message.seq})
    return shown


def unpinned(chat: Chat, message: Message) -> MessageJson:
    """The caller holds the chat's lock."""
    Pin.objects.filter(chat=chat, seq=message.seq).delete()
    return changed(chat, message, extras=message.extras_with(pinned_at=None, pinned_by=None))
