"""Which questions a replica may answer: it must have all that was acknowledged in the chats when rights were looked at.

Each change of a chat and of what is in it takes the chat's next version, so the versions tell. Of the people in it they
do not: a new name or picture comes as late as the replica is.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from abdre import replica
from chat_svc.models import Chat

T = TypeVar("T")


class Known(Protocol):
    """What the primary said of a chat."""

    @property
    def chat_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def sealed_seq(self) -> int: ...


def of_chat(chat: Chat, read: Callable[[], T]) -> T:
    version = chat.version
    return replica.nearby(read, is_there=lambda: Chat.objects.filter(id=chat.id, version__gte=version).exists())


def of_chats(chats: Iterable[Known], read: Callable[[], T]) -> T:
    """For the search, whose blocks are written later than what is in them, and without a version."""
    known = list(chats)

    def are_there() -> bool:
        rows = Chat.objects.filter(id__in=[chat.chat_id for chat in known]).values_list("id", "version", "sealed_seq")
        there = {chat_id: (version, sealed_seq) for chat_id, version, sealed_seq in rows}
        return all(
            chat.version <= there.get(chat.chat_id, (-1, -1))[0] and chat.sealed_seq <= there[chat.chat_id][1]
            for chat in known
        )

    return replica.nearby(read, is_there=are_there)
