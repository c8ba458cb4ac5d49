"""Which messages were kept for long enough: by the installation's rule and the chat's, of which the shorter wins."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from chat_svc.errors import ChatNotFound
from chat_svc.models import Attachment, Chat, Message
from chat_svc.selectors.dates import first_since

# Read in one statement, which takes some milliseconds.
CHATS_AT_ONCE = 1_000


def kept_days(chat: Chat) -> int:
    """0: for ever."""
    return min((days for days in (settings.MESSAGES_KEPT_DAYS, chat.keeps_days) if days), default=0)


def kept_since(chat: Chat) -> dt.datetime | None:
    """What was said before goes; None: nothing does.

    By the whole hour: where people talk all day, something comes of age with every second, and all would be told each
    time that a little more is gone.
    """
    days = kept_days(chat)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    return hour - dt.timedelta(days=days) if days else None


def first_kept(chat: Chat) -> int:
    """The first message that stays; after the last one where none does."""
    since = kept_since(chat)
    if since is None:
        return chat.pruned_below
    return first_since(since, chat_id=chat.id, low=chat.pruned_below, high=chat.last_seq + 1)


def due_chats(chat_id: UUID | None = None) -> Iterator[Chat]:
    """All in which the first message that is there has come of age, or that one; some in memory at a time."""
    chats = _begun() if chat_id is None else _begun().filter(id=chat_id)
    some = list(chats[:CHATS_AT_ONCE])
    while some:
        yield from filter(_is_due, some)
        some = list(chats.filter(id__gt=some[-1].id)[:CHATS_AT_ONCE])


def some_due_chats() -> Iterator[Chat]:
    """Those among some, from anywhere on: in a large house each has its turn, and none is always in others' way."""
    anywhere = uuid4()
    yield from filter(_is_due, _begun().filter(id__gte=anywhere)[:CHATS_AT_ONCE])
    yield from filter(_is_due, _begun().filter(id__lt=anywhere)[:CHATS_AT_ONCE])


def due_messages(chat_id: UUID | None = None) -> int:
    """How many go. Raises ChatNotFound."""
    if chat_id is not None and not Chat.objects.filter(id=chat_id).exists():
        raise ChatNotFound
    return sum(first_kept(chat) - chat.pruned_below for chat in due_chats(chat_id))


def due_files(chat_id: UUID | None = None) -> int:
    """How many have lost their message, or never had one, or lose it with the messages that go."""
    files = Attachment.objects
    going = (files.filter(chat=chat, message_seq__lt=first_kept(chat)).count() for chat in due_chats(chat_id))
    return files.dropped().count() + files.forgotten().count() + sum(going)


def _begun() -> QuerySet[Chat]:
    """With a rule, and when the first message that is there was said."""
    chats = Chat.objects.all() if settings.MESSAGES_KEPT_DAYS else Chat.objects.filter(keeps_days__gt=0)
    first = Message.objects.filter(chat=OuterRef("pk"), seq=OuterRef("pruned_below")).values("created_at")
    named = chats.filter(last_seq__gte=F("pruned_below")).only("keeps_days", "pruned_below", "last_seq")
    return named.annotate(began_at=Subquery(first)).order_by("id")


def _is_due(chat: Chat) -> bool:
    since = kept_since(chat)
    began_at: dt.datetime = chat.began_at  # type: ignore[attr-defined]  # of the query
    return since is not None and began_at < since
