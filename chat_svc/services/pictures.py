"""A chat's picture: drawn anew, kept, replaced, taken away."""

from uuid import UUID

from django.db import transaction

from abdre import pictures
from abdre.events import chat_group, publish
from chat_svc.events import chat_changed
from chat_svc.models import Chat
from chat_svc.rights import Action, require
from chat_svc.selectors import membership_or_refusal
from chat_svc.services.system import say_system
from chat_svc.writer.rules import refuse_if_silenced


def folder_of(chat_id: UUID) -> str:
    return f"chats/{chat_id}"


def set_chat_picture(*, chat_id: UUID, actor_id: UUID, content: bytes) -> Chat:
    """Raises ChatNotFound, ChatOver, NotAllowed, Silenced, NoPicture."""
    membership = membership_or_refusal(chat_id, actor_id)  # nothing is drawn for who may not
    require(Action.CONFIGURE, chat=membership.chat, membership=membership)
    return _replace(chat_id, actor_id, pictures.drawn(content))


def remove_chat_picture(*, chat_id: UUID, actor_id: UUID) -> Chat:
    """Raises ChatNotFound, ChatOver, NotAllowed, Silenced."""
    return _replace(chat_id, actor_id, None)


def _replace(chat_id: UUID, actor_id: UUID, picture: pictures.Picture | None) -> Chat:
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        chat.refuse_if_over()
        require(Action.CONFIGURE, chat=chat, membership=actor)
        former, wanted = chat.picture, picture.hash if picture else ""
        if former == wanted:
            return chat
        refuse_if_silenced(actor)
        if picture:  # under the lock: a chat that is erased at this moment leaves no file behind
            pictures.keep(folder_of(chat_id), picture)
        if former:
            transaction.on_commit(lambda: pictures.forget(folder_of(chat_id), former), robust=True)
        chat.change(picture=wanted)
        publish(chat_group(chat.id), chat_changed(chat))
        say_system(chat, actor.user, {"type": "picture_changed", "picture": wanted})
    return chat
