"""What staff is about to act on, in facts: no title and no words but those that somebody has brought before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from chat_svc.errors import CannotUndo, ChatNotFound, MemberNotFound, MessageNotFound
from chat_svc.models import Chat, Deed, KeptMessage, Membership, Message, ModerationEntry, Report, State
from chat_svc.selectors.for_staff import chats_in_view

if TYPE_CHECKING:
    from user_svc.models import User


@dataclass(frozen=True)
class ChatTarget:
    title: str  # empty where the chat is in nobody's view, or has none
    kind: str
    people: int
    is_closed: bool
    is_locked: bool
    slow_mode_s: int


@dataclass(frozen=True)
class MessageTarget:
    seq: int
    author: User
    said_at: datetime
    is_deleted: bool
    words: str  # as reported; empty where nobody has


@dataclass(frozen=True)
class DeletionTarget:
    done_at: datetime
    reason: str
    left: int  # what can be restored


def chat_target(chat_id: UUID) -> ChatTarget:
    """Raises ChatNotFound."""
    chat = Chat.objects.filter(id=chat_id).first()
    if chat is None:
        raise ChatNotFound
    return ChatTarget(
        title=chat.title if chats_in_view().filter(id=chat_id).exists() else "",
        kind=chat.kind,
        people=chat.memberships.filter(state=State.ACTIVE).count(),
        is_closed=chat.is_over,
        is_locked=chat.announcement_only,
        slow_mode_s=chat.slow_mode_s,
    )


def message_targets(chat_id: UUID, seqs: list[int]) -> list[MessageTarget]:
    """Raises MessageNotFound where one of them is not there."""
    found = Message.objects.filter(chat_id=chat_id, seq__in=seqs).select_related("sender").order_by("seq")
    words = _reported_words(chat_id, seqs)
    targets = [
        MessageTarget(one.seq, one.sender, one.created_at, one.deleted_at is not None, words.get(one.seq, ""))
        for one in found
    ]
    if not seqs or len(targets) < len(seqs):
        raise MessageNotFound
    return targets


def _reported_words(chat_id: UUID, seqs: list[int]) -> dict[int, str]:
    reports = Report.objects.filter(chat_id=chat_id, seq__in=seqs).values_list("seq", "snapshot")
    return {
        seq: str(message["body"]) for seq, snapshot in reports for message in snapshot or [] if message["seq"] == seq
    }


def membership_target(chat_id: UUID, user_id: UUID) -> Membership | None:
    """None where the chat is in nobody's view, whether or not they are in it. Raises MemberNotFound."""
    if not chats_in_view().filter(id=chat_id).exists():
        return None
    found = Membership.objects.filter(chat_id=chat_id, user_id=user_id).first()
    if found is None:
        raise MemberNotFound
    return found


def deletion_target(entry_id: int) -> DeletionTarget:
    """Raises CannotUndo."""
    entry = ModerationEntry.objects.filter(id=entry_id, deed=Deed.MESSAGES_DELETED).first()
    if entry is None:
        raise CannotUndo
    return DeletionTarget(entry.at, entry.reason, KeptMessage.objects.filter(entry_id=entry_id).count())
