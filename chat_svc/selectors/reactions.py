"""Who reacted to a message, and how, for one reader."""

from collections import defaultdict
from typing import TypedDict
from uuid import UUID

from chat_svc.errors import MessageNotFound
from chat_svc.models import Reaction
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable
from user_svc.selectors import UserJson, user_json

USERS_SHOWN = 100


class ReactionsJson(TypedDict):
    """`users`: the first of them; `mine` is right however many there are."""

    emoji: str
    count: int
    mine: bool
    users: list[UserJson]


def reactions(*, chat_id: UUID, user_id: UUID, seq: int) -> list[ReactionsJson]:
    """Raises ChatNotFound, MessageNotFound."""
    if not readable(membership_or_refusal(chat_id, user_id)).filter(seq=seq).exists():
        raise MessageNotFound
    given = Reaction.objects.filter(chat_id=chat_id, seq=seq).select_related("user").order_by("created_at", "user_id")
    by_emoji: defaultdict[str, list[Reaction]] = defaultdict(list)
    for reaction in given:
        by_emoji[reaction.emoji].append(reaction)
    return [
        {
            "emoji": emoji,
            "count": len(some),
            "mine": any(reaction.user_id == user_id for reaction in some),
            "users": [user_json(reaction.user) for reaction in some[:USERS_SHOWN]],
        }
        for emoji, some in by_emoji.items()
    ]
