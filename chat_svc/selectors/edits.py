"""What a message said before, for who moderates the installation."""

from typing import TypedDict
from uuid import UUID

from abdre.wire import Moment, utc
from chat_svc.errors import MessageNotFound
from chat_svc.models import Message, MessageEdit

EDITS_LIMIT = 100


class EditJson(TypedDict):
    """`edited_at`: when something else took the place of this body."""

    version: int
    body: str
    edited_at: Moment


def edits(*, chat_id: UUID, seq: int) -> list[EditJson]:
    """The oldest first; nobody is asked for a right here. Raises MessageNotFound."""
    if not Message.objects.filter(chat_id=chat_id, seq=seq).exists():
        raise MessageNotFound
    return edits_between(chat_id=chat_id, first=seq, last=seq).get(seq, [])


def edits_between(*, chat_id: UUID, first: int, last: int) -> dict[int, list[EditJson]]:
    """Of these messages, by `seq`; of very many edits the latest."""
    found = MessageEdit.objects.filter(chat_id=chat_id, seq__range=(first, last)).order_by("-edited_at", "-version")
    kept: dict[int, list[EditJson]] = {}
    for edit in reversed(found[:EDITS_LIMIT]):
        told: EditJson = {"version": edit.version, "body": edit.body, "edited_at": utc(edit.edited_at)}
        kept.setdefault(edit.seq, []).append(told)
    return kept
