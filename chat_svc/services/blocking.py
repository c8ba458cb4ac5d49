"""What stands between two people, as their direct chat knows it: so the writer of messages need not ask for each."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from abdre.errors import AppError
from chat_svc.models import Chat
from chat_svc.models.chats import pair_key
from user_svc.services import lock_people

TRIES = 2


class _BegunMeanwhile(Exception):
    pass


def under_direct_chat(user_id: UUID, other_id: UUID, change: Callable[[], bool]) -> None:
    """Have `change` done under the lock of the two people's direct chat, and note there whether they are apart now.

    `change` answers that. Where there is no chat, the people's own rows are locked, as by who begins one.
    """
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                _changed(pair_key(user_id, other_id), {user_id, other_id}, change)
            return
        except _BegunMeanwhile:  # it is there for ever now
            continue
    raise AppError


def _changed(key: str, people: set[UUID], change: Callable[[], bool]) -> None:
    chat = Chat.objects.select_for_update().filter(direct_key=key).first()  # a chat is locked before its people
    lock_people(people)
    if chat is None and Chat.objects.filter(direct_key=key).exists():
        raise _BegunMeanwhile
    is_apart = change()
    if chat is not None and chat.is_blocked != is_apart:
        chat.next_version()  # by which a message that is being written meanwhile finds that what it has read is old
        chat.is_blocked = is_apart
        chat.save(update_fields=["is_blocked"])
