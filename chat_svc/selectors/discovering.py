"""Public chats: those that anybody may find, and come into without a code."""

from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from abdre.wire import Id
from chat_svc.errors import NotAMember
from chat_svc.models import Chat, Kind, Membership, State
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.listing import cursor_of, holds, read_cursor
from chat_svc.selectors.places import member_counts
from user_svc.selectors import user_by_id

# Names are compared here, as in one's own list; of more chats than these the newest are looked at.
LOOKED_AT = 5_000


class PublicChatJson(TypedDict):
    """What a stranger may know of it. `joined`: the person who asks is in it."""

    id: Id
    title: str
    topic: str
    picture: str
    member_count: int
    joined: bool


class PublicPage(TypedDict):
    """`next` is the `before` of the next page; null on the last one."""

    items: list[PublicChatJson]
    next: str | None


def open_to(user_id: UUID) -> QuerySet[Chat]:
    """The chats into which the person may come without a code, bans aside."""
    if not settings.PUBLIC_CHATS:
        return Chat.objects.none()
    found = Chat.objects.filter(is_public=True, kind=Kind.GROUP, closed_at=None)
    return found.filter(guests_may_join=True) if user_by_id(user_id).is_guest else found


def picture_of(*, chat_id: UUID, user_id: UUID) -> str:
    """For who is in the chat, or might come in: empty where there is none. Raises ChatNotFound."""
    try:
        return membership_or_refusal(chat_id, user_id).chat.picture
    except NotAMember:
        chat = open_to(user_id).filter(id=chat_id).first()
        if chat is None:
            raise
        return chat.picture


def public_chats(*, user_id: UUID, words: str = "", before: str = "", limit: int = 50) -> PublicPage:
    """Those with the newest message first. Raises Invalid."""
    found = open_to(user_id).order_by("-last_message_at", "id")
    if words:
        found = found.filter(id__in=_named(found, words))
    if before:
        _pinned, moment, chat_id = read_cursor(before)
        found = found.filter(Q(last_message_at__lt=moment) | Q(last_message_at=moment, id__gt=chat_id))
    mine = Membership.objects.filter(chat=OuterRef("id"), user_id=user_id, state=State.ACTIVE)
    rows = list(found.annotate(joined=Exists(mine))[: limit + 1])
    page = rows[:limit]
    counts = member_counts(chat.id for chat in page)
    return {
        "items": [
            {
                "id": str(chat.id),
                "title": chat.title,
                "topic": chat.topic,
                "picture": chat.picture,
                "member_count": counts[chat.id],
                "joined": chat.joined,
            }
            for chat in page
        ],
        "next": cursor_of(page[-1]) if len(rows) > limit else None,
    }


def _named(chats: QuerySet[Chat], words: str) -> list[UUID]:
    wanted = words.casefold().split()
    looked_at = chats.values_list("id", "title", "topic")[:LOOKED_AT]
    return [chat_id for chat_id, title, topic in looked_at if holds(f"{title} {topic}", wanted)]
