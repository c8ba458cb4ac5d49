"""What was done to a chat stands in it as the system's message: a fact, which each client words in its own language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db.models import F

from abdre.events import chat_group, publish
from chat_svc.events import SystemJson, message_created, message_json
from chat_svc.models import Chat, Message, MessageKind, State
from chat_svc.writer.careful import numbered

if TYPE_CHECKING:
    from user_svc.models import User


def say_system(chat: Chat, actor: User, fact: SystemJson) -> Message:
    """`actor` did it. The caller holds the chat's lock, and has changed what the fact tells of."""
    told = {"kind": MessageKind.SYSTEM, "body": "", "extras": {"system": fact}}
    message = numbered(chat, sender=actor, client_id=uuid4(), **told)
    # Nobody's news: it brings nobody back into the chat.
    chat.memberships.filter(state=State.ACTIVE).update(uncounted=F("uncounted") + 1)
    publish(chat_group(chat.id), message_created(message_json(message)))
    return message
