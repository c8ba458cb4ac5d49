"""Chats by what they are called, whoever is in them: for staff."""

from django.db.models import Q, QuerySet

from chat_svc.models import Chat


def chats_titled(words: str) -> QuerySet[Chat]:
    """With `words` in their title. SQLite folds no case but ASCII's, so it is asked for the usual spellings."""
    spellings = {words, words.lower(), words.capitalize(), words.title()}
    found = Q()
    for spelling in sorted(spellings):
        found |= Q(title__icontains=spelling)
    return Chat.objects.filter(found)
