"""What happened to a chat's memberships, as far as somebody may know of it."""

from typing import TypedDict
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery

from chat_svc.events import MembershipEntryJson, entry_json
from chat_svc.models import LOG_LIMIT, EntryKind, Kind, Membership, MembershipEntry
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable_from


class LogPage(TypedDict):
    """Ascending by version."""

    items: list[MembershipEntryJson]


def membership_log(*, chat_id: UUID, user_id: UUID, after: int = 0) -> LogPage:
    """What happened after the message `after`; of more than 500 entries the newest. Raises ChatNotFound."""
    return {"items": log_between(membership_or_refusal(chat_id, user_id), after, None)}


def log_between(membership: Membership, first: int, last: int | None) -> list[MembershipEntryJson]:
    """What stands after the messages from `first` (0: before all of them) to `last` (None: the newest), ascending."""
    if membership.chat.kind == Kind.DIRECT:
        return []
    entries = _readable(membership).filter(after_seq__gte=first)
    if last is not None:
        entries = entries.filter(after_seq__lte=last)
    newest = entries.select_related("user", "by").order_by("-after_seq", "-version")[:LOG_LIMIT]
    return [entry_json(entry) for entry in reversed(newest)]


def _readable(membership: Membership) -> QuerySet[MembershipEntry]:
    """Whom a chat keeps its history from learns what happened since they came, and so does who has cleared it."""
    log = MembershipEntry.objects.filter(chat_id=membership.chat_id, after_seq__gte=readable_from(membership) - 1)
    if membership.visible_from_seq:
        # Between the last hidden message and the next one, those before their own coming are not theirs to know.
        came = log.filter(user_id=membership.user_id, kind=EntryKind.JOINED).order_by("-version").values("version")[:1]
        log = log.filter(Q(after_seq__gte=membership.visible_from_seq) | Q(version__gte=Subquery(came)))
    return log
