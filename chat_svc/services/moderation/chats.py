"""Staff closes a chat, opens it again, and decides who writes there, and how fast."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from abdre.events import chat_group, publish
from chat_svc.errors import NotAllowed, Unchanged
from chat_svc.events import chat_changed
from chat_svc.models import Chat, Deed, Kind, ModerationEntry, Right, Role, State
from chat_svc.services.chats import ChatFacts, change, checked_facts
from chat_svc.services.ending import close
from chat_svc.services.moderation.log import last_deed, note
from chat_svc.services.moderation.notices import tell_people
from chat_svc.services.moderation.staff import Staff, require_right
from chat_svc.services.system import say_system
from user_svc.services import NoticeKind, staff_account


def close_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry:
    """Everybody in it can read on, and reads that moderators closed it; its owners read why.

    Raises NotStaff, ChatNotFound, ChatOver, ReasonMissing.
    """
    require_right(by, Right.MODERATE_CHATS)
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        chat.refuse_if_over()
        say_system(chat, staff_account(), {"type": "closed"})
        close(chat)
        entry = note(by, Deed.CHAT_CLOSED, chat_id=chat_id)
        tell_people(entry, NoticeKind.CHAT_CLOSED, _owners(chat))
    return entry


def reopen_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry:
    """Whoever closed it. Raises NotStaff, ChatNotFound, ChatOver after its time, Unchanged, ReasonMissing."""
    require_right(by, Right.MODERATE_CHATS)
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        if chat.closed_at is None:
            raise Unchanged
        chat.closed_at = None
        chat.refuse_if_over()
        chat.change(closed_at=None)
        publish(chat_group(chat.id), chat_changed(chat))
        say_system(chat, staff_account(), {"type": "reopened"})
        entry = note(by, Deed.CHAT_REOPENED, chat_id=chat_id, undoes=last_deed(Deed.CHAT_CLOSED, chat_id=chat_id))
        tell_people(entry, NoticeKind.CHAT_REOPENED, _owners(chat))
    return entry


def _owners(chat: Chat) -> Iterable[UUID]:
    return chat.memberships.filter(state=State.ACTIVE, role=Role.OWNER).values_list("user_id", flat=True)


def lock_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry:
    """Only those write who manage it. Raises as `slow_chat`."""
    return _ruled(by, chat_id, Deed.CHAT_LOCKED, {"announcement_only": True})


def unlock_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry:
    """Whoever locked it. Raises as `slow_chat`."""
    done = last_deed(Deed.CHAT_LOCKED, chat_id=chat_id)
    return _ruled(by, chat_id, Deed.CHAT_UNLOCKED, {"announcement_only": False}, undoes=done)


def slow_chat(*, by: Staff, chat_id: UUID, seconds: int) -> ModerationEntry:
    """So long a member waits between two messages; 0: not at all.

    Raises NotStaff, ChatNotFound, ChatOver, NotAllowed in a direct chat, Unchanged, InvalidChat, ReasonMissing.
    """
    return _ruled(by, chat_id, Deed.CHAT_SLOWED, {"slow_mode_s": seconds})


def _ruled(by: Staff, chat_id: UUID, deed: Deed, facts: ChatFacts, *, undoes: int | None = None) -> ModerationEntry:
    require_right(by, Right.MODERATE_CHATS)
    checked = checked_facts(facts)
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        chat.refuse_if_over()
        if chat.kind == Kind.DIRECT:  # two people own it alike: there is nothing to manage
            raise NotAllowed
        if all(getattr(chat, name) == value for name, value in checked.items()):
            raise Unchanged
        change(chat, staff_account(), checked)
        return note(by, deed, chat_id=chat_id, undoes=undoes, facts=checked)
