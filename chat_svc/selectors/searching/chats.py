"""In which chats to search: all that somebody is in, or those that a filter names."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from chat_svc.errors import NotAMember
from chat_svc.models import Kind, Membership
from chat_svc.models.search import fold
from chat_svc.selectors.chats import name_of, partners, searched
from chat_svc.selectors.searching.query import Query
from user_svc.selectors import called

SENDERS_LIMIT = 50


class Searched(NamedTuple):
    """A membership with its chat; a tuple, because making rows' objects of hundreds takes longer than the search."""

    chat_id: UUID
    kind: str
    title: str
    version: int
    sealed_seq: int
    last_seq: int
    visible_from_seq: int
    cleared_seq: int


COLUMNS = (
    "chat_id",
    "chat__kind",
    "chat__title",
    "chat__version",
    "chat__sealed_seq",
    "chat__last_seq",
    "visible_from_seq",
    "cleared_seq",
)


def chats_for(user_id: UUID, query: Query, chat_id: UUID | None) -> list[Searched]:
    """Raises ChatNotFound."""
    mine = searched(user_id) if chat_id is None else searched(user_id).filter(chat_id=chat_id)
    chats = [Searched(*row) for row in mine.values_list(*COLUMNS)]
    if chat_id is not None and not chats:
        raise NotAMember
    if query.chats:
        names = titles(chats, user_id)
        chats = [chat for chat in chats if any(name in fold(names[chat.chat_id]) for name in query.chats)]
    return chats


def titles(chats: Sequence[Searched], user_id: UUID) -> dict[UUID, str]:
    """What the chats are called for this person: a direct one by the other's name."""
    direct = [chat.chat_id for chat in chats if chat.kind == Kind.DIRECT]
    others = partners(direct, user_id) if direct else {}
    return {chat.chat_id: chat.title or name_of(others.get(chat.chat_id)) for chat in chats}


def senders_for(user_id: UUID, query: Query, chats: Sequence[Searched]) -> frozenset[str]:
    """The ids, as hex, of everybody who is or was in these chats and is called so."""
    names = [name for name in query.senders if name != "me"]
    found = {user_id.hex} if len(names) < len(query.senders) else set()
    if names:
        anyone = Q()
        for name in names:
            anyone |= called(name.removeprefix("@"), path="user")
        people = Membership.objects.filter(anyone, chat_id__in=[chat.chat_id for chat in chats])
        ids = people.values_list("user_id", flat=True).distinct()[:SENDERS_LIMIT]
        found |= {sender_id.hex for sender_id in ids}
    if query.sender_id:
        found = found & {query.sender_id.hex} if query.senders else {query.sender_id.hex}
    return frozenset(found)
