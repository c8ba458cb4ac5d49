"""Chats as staff looks for them, whoever is in them; and which of them moderators may look at."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from chat_svc.models import Chat, Report
from chat_svc.models.reports import TargetKind


def chats_titled(words: str) -> QuerySet[Chat]:
    """With `words` in their title. SQLite folds no case but ASCII's, so it is asked for the usual spellings."""
    spellings = {words, words.lower(), words.capitalize(), words.title()}
    found = Q()
    for spelling in sorted(spellings):
        found |= Q(title__icontains=spelling)
    return Chat.objects.filter(found)


def chats_in_view() -> QuerySet[Chat]:
    """What everybody may find, and what was reported of: more than that moderators do not look at."""
    reported = Report.objects.filter(chat__isnull=False).values("chat")
    return Chat.objects.filter(Q(is_public=True) | Q(pk__in=reported))


def titles_in_view(chat_ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(chats_in_view().filter(id__in=set(chat_ids)).values_list("id", "title"))


def reported_codes() -> QuerySet[Report, UUID]:
    return Report.objects.filter(target_kind=TargetKind.INVITATION).values_list("target_id", flat=True)
