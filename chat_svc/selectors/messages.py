"""History, by seq, in both directions: of a chat, and of a thread in it."""

from typing import NotRequired, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from chat_svc.errors import MessageNotFound
from chat_svc.events import MessageJson, message_json
from chat_svc.models import Message, MessageKind
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable


class MessagePage(TypedDict):
    """`has_more`: in the direction asked for; `around` asks for earlier ones, and `has_later` for the others."""

    items: list[MessageJson]
    has_more: bool
    has_later: NotRequired[bool]


class ThreadPage(TypedDict):
    """`items`: replies, ascending by seq; `has_more`: in the direction asked for."""

    root: MessageJson
    items: list[MessageJson]
    has_more: bool


def messages(
    *,
    chat_id: UUID,
    user_id: UUID,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> MessagePage:
    """Up to `limit` messages, ascending by seq: those `around`, just after `after`, just before `before`, else the
    newest. Raises ChatNotFound.
    """
    history = readable(membership_or_refusal(chat_id, user_id)).select_related("sender")
    if around is not None:
        return _around(history, around, limit)
    return _page(history, before, after, limit)


def thread(
    *,
    chat_id: UUID,
    user_id: UUID,
    seq: int,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> ThreadPage:
    """The message and up to `limit` of the replies that hang on it. Raises ChatNotFound, MessageNotFound."""
    history = readable(membership_or_refusal(chat_id, user_id)).select_related("sender")
    root = history.filter(seq=seq, thread=None).exclude(kind=MessageKind.SYSTEM).first()
    if root is None:
        raise MessageNotFound
    page = _page(history.filter(thread=seq), before, after, limit)
    return {"root": message_json(root), "items": page["items"], "has_more": page["has_more"]}


def _page(history: QuerySet[Message], before: int | None, after: int | None, limit: int) -> MessagePage:
    if after is not None:
        rows = list(history.filter(seq__gt=after).order_by("seq")[: limit + 1])
        page = rows[:limit]
    else:
        older = history if before is None else history.filter(seq__lt=before)
        rows = list(older.order_by("-seq")[: limit + 1])
        page = rows[:limit][::-1]
    return {"items": [message_json(message) for message in page], "has_more": len(rows) > limit}


def _around(history: QuerySet[Message], seq: int, limit: int) -> MessagePage:
    """Half of them earlier than `seq`, the others from it on."""
    half = limit // 2
    earlier = list(history.filter(seq__lt=seq).order_by("-seq")[: half + 1])
    later = list(history.filter(seq__gte=seq).order_by("seq")[: limit - half + 1])
    page = earlier[:half][::-1] + later[: limit - half]
    items = [message_json(message) for message in page]
    return {"items": items, "has_more": len(earlier) > half, "has_later": len(later) > limit - half}
