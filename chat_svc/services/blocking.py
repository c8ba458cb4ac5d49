"""What stands between two people, as their direct chat knows it: so the writer of messages need not ask for each."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from abdre.errors import AppError
from chat_svc.models import Chat, Kind
from user_svc.services import lock_people

TRIES = 2


class _BegunMeanwhile(Exception):
    pass


def under_direct_chat(user_id: UUID, other_id: UUID, change: Callable[[], bool]) -> None:
    """Have `change` done under the lock of the two people's direct chats, and note there whether they are apart now.

    `change` answers that. Where there is no chat, the people's own rows are locked, as by who begins one.
    """
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                _changed({user_id, other_id}, change)
            return
        except _BegunMeanwhile:  # it is there for ever now
            continue
    raise AppError


def _changed(people: set[UUID], change: Callable[[], bool]) -> None:
    # Chats are locked before their people. Two may have more than one: a guest's too, who has signed in since.
    chats = list(_between(people).select_for_update(of=("self",)).order_by("id"))
    lock_people(people)
    if set(_between(people).values_list("id", flat=True)) != {chat.id for chat in chats}:
        raise _BegunMeanwhile
    is_apart = change()
    for chat in chats:
        note_block(chat, is_apart)


def _between(people: set[UUID]) -> QuerySet[Chat]:
    """All direct chats of the two, whether they are in them still or not."""
    found = Chat.objects.filter(kind=Kind.DIRECT)
    for user_id in people:
        found = found.filter(memberships__user_id=user_id)
    return found


def note_block(chat: Chat, is_apart: bool) -> None:
    """The caller holds the chat's lock and then that of its people."""
    if chat.is_blocked != is_apart:
        chat.next_version()  # by which a message that is being written meanwhile finds that what it has read is old
        chat.is_blocked = is_apart
        chat.save(update_fields=["is_blocked"])
