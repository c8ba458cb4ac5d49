"""A chat closes, or goes on under another owner. The caller holds the chat's lock."""

from django.utils import timezone

from abdre.events import chat_group, publish
from chat_svc.events import chat_changed
from chat_svc.models import Chat, EntryKind, Kind, Role, State
from chat_svc.services.membership_log import tell


def close(chat: Chat) -> None:
    """Nobody writes any more, everybody can read on. A closed one stays as it is."""
    if chat.closed_at is None:
        chat.change(closed_at=timezone.now())
        publish(chat_group(chat.id), chat_changed(chat))


def hand_on_or_close(chat: Chat) -> None:
    """Somebody is out of it: without another owner it goes to whoever has managed it, else been in it, the longest.

    Guests inherit nothing, and of a direct chat nobody is left to talk to: then it closes.
    """
    if not _is_owned(chat):
        close(chat)


def _is_owned(chat: Chat) -> bool:
    """Whether the chat has an owner still, or a new one."""
    others = chat.memberships.filter(state=State.ACTIVE)
    if chat.kind == Kind.DIRECT:
        return False
    if others.filter(role=Role.OWNER).exists():
        return True
    people = others.filter(user__is_active=True, user__is_bot=False)
    candidates = people.select_related("user").order_by("joined_at", "id")
    heir = candidates.filter(role=Role.ADMIN).first() or candidates.filter(role=Role.MEMBER).first()
    if heir is None:
        return False
    heir.change(version=chat.next_version(), role=Role.OWNER)
    tell(chat, heir, EntryKind.ROLE_CHANGED)
    return True
