"""A message is changed: found for a deed, written with the chat's next version, told to all."""

from uuid import UUID

from abdre.events import chat_group, publish
from chat_svc.errors import MessageNotFound, NotAllowed
from chat_svc.events import MessageJson, message_changed, message_json
from chat_svc.models import Chat, Membership, Message, MessageKind
from chat_svc.selectors.readable import readable
from chat_svc.services.sealing import unseal
from user_svc.errors import MayNotWrite


def found(chat_id: UUID, actor_id: UUID, seq: int) -> tuple[Chat, Membership, Message]:
    """For a deed on one message: the chat, locked, the actor's membership, and the message.

    Raises ChatNotFound, ChatOver, MessageNotFound, and NotAllowed for the system's.
    """
    chat, membership = Chat.objects.locked_for(chat_id, actor_id)
    chat.refuse_if_over()
    message = readable(membership).select_related("sender").filter(seq=seq).first()
    if message is None:
        raise MessageNotFound
    if message.kind == MessageKind.SYSTEM:  # what happened, happened
        raise NotAllowed
    return chat, membership, message


def refuse_if_blocked(chat: Chat) -> None:
    """Else what was said before would be a way to say more. Raises MayNotWrite."""
    if chat.is_blocked:
        raise MayNotWrite


def changed(chat: Chat, message: Message, **facts: object) -> MessageJson:
    """The message with these facts and the chat's next version; told to all. The caller holds the lock."""
    version = chat.next_version()
    Message.objects.filter(chat_id=chat.id, seq=message.seq).update(version=version, **facts)
    if "body" in facts:
        unseal(chat, [message.seq])
    for name, value in facts.items():
        setattr(message, name, value)
    message.version = version
    shown = message_json(message)
    publish(chat_group(chat.id), message_changed(shown, chat=chat))
    return shown
