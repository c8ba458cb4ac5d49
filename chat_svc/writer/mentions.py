"""Who is called by name in a text, `@username`, `@Display_Name`, `@all`: noted with it, counted while it is unread."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet

from chat_svc.events import MentionJson
from chat_svc.models import Chat, Membership, Mention, State
from chat_svc.rights import Action, may
from user_svc.selectors import name_key, parted_from

EVERYBODY = "all"
# In larger chats only who manages them calls everybody.
CROWD = 20
CALLS_LIMIT = 50  # names in one message
# An address (ada@house, house/@ada) calls nobody. Longer than any name is none.
CALL = re.compile(r"(?<![\w@/])@(\S{1,100})")


class Called(NamedTuple):
    """`said` goes with the message over the wire, `people` into rows."""

    said: list[MentionJson]
    people: frozenset[UUID]


NOBODY = Called([], frozenset())


def may_call(body: str) -> bool:
    """Whether the text is worth looking at closer. Most are not, and this is asked of each."""
    return "@" in body and CALL.search(body) is not None


def called(body: str, *, chat: Chat, by: Membership) -> Called:
    if not may_call(body):
        return NOBODY
    found = _Found(_names_in(chat, by), by, chat)
    for run in list(CALL.findall(body))[:CALLS_LIMIT]:
        any(found.take(word) for word in _words(run))
    return Called(list(found.said.values()), frozenset(found.people))


class _Found:
    def __init__(self, names: dict[str, set[UUID]], by: Membership, chat: Chat) -> None:
        self.said: dict[str, MentionJson] = {}
        self.people: set[UUID] = set()
        self._names = names
        self._by = by.user_id
        self._others = {person for people in names.values() for person in people} - {by.user_id}
        is_crowd = len(self._others) >= CROWD
        self._may_call_all = not is_crowd or may(Action.MENTION_ALL, role=by.role, kind=chat.kind)

    def take(self, word: str) -> bool:
        """Whether the word calls anybody."""
        key = name_key(word)
        if key == EVERYBODY and self._may_call_all:
            self.said[word] = {"user": None, "text": f"@{word}"}
            self.people |= self._others
            return True
        people = self._names.get(key, set())
        if len(people) > CROWD and not self._may_call_all:  # a name that all have taken is the word for all
            return False
        self.said |= {f"{word} {user}": {"user": str(user), "text": f"@{word}"} for user in sorted(people)}
        self.people |= people - {self._by}
        return bool(people)


def _names_in(chat: Chat, by: Membership) -> dict[str, set[UUID]]:
    """What each active member is called by. Where one has blocked the other, neither calls the other."""
    active = Membership.objects.filter(chat=chat, state=State.ACTIVE).exclude(user_id__in=parted_from(by.user_id))
    by_username: dict[str, set[UUID]] = {}
    by_display_name: defaultdict[str, set[UUID]] = defaultdict(set)
    names = active.values_list("user_id", "user__username_key", "user__display_name_key")
    for user_id, username, display_name in names:
        if username:
            by_username[username] = {user_id}
        by_display_name[handle(display_name)].add(user_id)
    return {**by_display_name, **by_username}  # a user name is one person's alone, so it goes before


def handle(display_name: str) -> str:
    """A display name as one word."""
    return "_".join(display_name.split())


def _words(run: str) -> Iterator[str]:
    """The longest first: "ada.k," may be "ada.k" with a comma, or "ada" with an end."""
    yield run
    for end in reversed([found.start() for found in re.finditer(r"\W", run)]):
        if end:
            yield run[:end]


def note_mentions(chat: Chat, seq: int, people: Collection[UUID]) -> None:
    """The caller holds the chat's lock."""
    Mention.objects.bulk_create([Mention(chat=chat, seq=seq, user_id=user_id) for user_id in people])
    _unread(chat, seq, people).update(mentions=F("mentions") + 1)


def drop_mentions(chat: Chat, seq: int, people: Collection[UUID]) -> None:
    """The caller holds the chat's lock."""
    Mention.objects.filter(chat=chat, seq=seq, user_id__in=people).delete()
    _unread(chat, seq, people).update(mentions=F("mentions") - 1)


def _unread(chat: Chat, seq: int, people: Collection[UUID]) -> QuerySet[Membership]:
    return Membership.objects.filter(chat=chat, user_id__in=people, read_seq__lt=seq)
