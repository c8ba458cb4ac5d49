"""Which of a person's chats are listed, in which order: by kind, by what they think of them, by name."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.errors import Invalid
from chat_svc.models import Chat, Kind, Membership

ORDER = ("-is_pinned", "-chat__last_message_at", "chat_id")


class Filter(StrEnum):
    """Archived chats are listed by their own filter alone."""

    ALL = "all"
    UNREAD = "unread"
    DIRECT = "direct"
    GROUPS = "groups"
    FAVOURITES = "favourites"
    ARCHIVED = "archived"


NAMES = frozenset(Filter)
FITS = {
    Filter.ALL: Q(),
    Filter.UNREAD: Q(chat__last_seq__gt=F("read_seq") + F("uncounted")),
    Filter.DIRECT: Q(chat__kind=Kind.DIRECT),
    Filter.GROUPS: ~Q(chat__kind=Kind.DIRECT),
    Filter.FAVOURITES: Q(is_favourite=True),
}


def fitting(mine: QuerySet[Membership], name: str) -> QuerySet[Membership]:
    """Raises Invalid."""
    if name not in NAMES:
        raise Invalid(fields={"filter": [_("One of %(names)s.") % {"names": ", ".join(Filter)}]})
    is_archived = Q(archived_seq__gte=F("chat__last_seq")) | Q(archived_seq__gte=0, muted_until__gt=timezone.now())
    if name == Filter.ARCHIVED:
        return mine.filter(is_archived)
    return mine.exclude(is_archived).filter(FITS[Filter(name)])


def named(mine: QuerySet[Membership], words: str) -> QuerySet[Membership]:
    """Those whose title, or whose other person's name, holds each of the words.

    Compared here: of letters beyond ASCII, SQLite does not know small from capital. A thousand names are some
    milliseconds.
    """
    wanted = words.casefold().split()
    other = Membership.objects.filter(chat=OuterRef("chat")).exclude(user=OuterRef("user"))
    names = mine.annotate(partner=Subquery(other.values("user__display_name")[:1]))
    found = [
        chat_id
        for chat_id, kind, title, partner in names.values_list("chat_id", "chat__kind", "chat__title", "partner")
        if holds((title or partner or "") if kind == Kind.DIRECT else title, wanted)
    ]
    return mine.filter(chat_id__in=found)


def holds(name: str, wanted: list[str]) -> bool:
    folded = name.casefold()
    return all(word in folded for word in wanted)


def after(mine: QuerySet[Membership], cursor: str) -> QuerySet[Membership]:
    """What follows, in the order above. Raises Invalid."""
    is_pinned, moment, chat_id = read_cursor(cursor)
    older = Q(chat__last_message_at__lt=moment) | Q(chat__last_message_at=moment, chat_id__gt=chat_id)
    if is_pinned:
        return mine.filter(Q(is_pinned=False) | older)
    return mine.filter(older, is_pinned=False)


def cursor_of(chat: Chat, *, is_pinned: bool = False) -> str:
    return f"{int(is_pinned)}_{chat.last_message_at.astimezone(dt.UTC).isoformat()}_{chat.id}"


def read_cursor(text: str) -> tuple[bool, dt.datetime, UUID]:
    try:
        is_pinned, moment, chat_id = text.split("_")
        read = dt.datetime.fromisoformat(moment)
        if read.tzinfo is None:
            raise ValueError("a time without its zone")
        # In UTC, or the database's own adapter leaves the calendar at its ends.
        return bool(int(is_pinned)), read.astimezone(dt.UTC), UUID(chat_id)
    except (ValueError, OverflowError) as problem:
        raise Invalid(fields={"before": [_("The `next` of an earlier page.")]}) from problem
