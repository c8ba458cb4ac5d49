"""History, by seq, in both directions."""

from typing import TypedDict
from uuid import UUID

from chat_svc.events import MessageJson, message_json
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable


class MessagePage(TypedDict):
    items: list[MessageJson]
    has_more: bool


def messages(
    *, chat_id: UUID, user_id: UUID, before: int | None = None, after: int | None = None, limit: int = 50
) -> MessagePage:
    """Up to `limit` messages, ascending by seq: those just before `before`, just after `after`, else the newest.

    `has_more` speaks of the direction asked for. Raises ChatNotFound.
    """
    history = readable(membership_or_refusal(chat_id, user_id)).select_related("sender")
    if after is not None:
        rows = list(history.filter(seq__gt=after).order_by("seq")[: limit + 1])
        page = rows[:limit]
    else:
        older = history if before is None else history.filter(seq__lt=before)
        rows = list(older.order_by("-seq")[: limit + 1])
        page = rows[:limit][::-1]
    return {"items": [message_json(message) for message in page], "has_more": len(rows) > limit}
