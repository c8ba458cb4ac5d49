"""History, by seq, in both directions: of a chat, and of a thread in it."""

from typing import NotRequired, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from chat_svc.errors import MessageNotFound
from chat_svc.events import HeldJson, MembershipEntryJson, MessageJson, message_json
from chat_svc.models import Membership, Message, MessageKind
from chat_svc.selectors import nearby
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.held import HAS_HELD, held_of
from chat_svc.selectors.membership_log import log_between
from chat_svc.selectors.readable import first_readable, readable


class Slice(TypedDict):
    """`has_more`: in the direction asked for; `around` asks for earlier ones, and `has_later` for the others."""

    items: list[MessageJson]
    has_more: bool
    has_later: NotRequired[bool]


class MessagePage(Slice):
    """`membership_log`: what happened to memberships from the first of `items` on to what follows the last one; before
    the first message of all, and after the newest, too. Of more than 500 entries the newest. `held`: with the newest
    messages, what the person has said that others do not see, if there is any."""

    membership_log: list[MembershipEntryJson]
    held: NotRequired[list[HeldJson]]


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
    is_newest = before is None and after is None and around is None
    asked = {"has_held": HAS_HELD} if is_newest else {}
    membership = membership_or_refusal(chat_id, user_id, **asked)
    told = nearby.of_chat(membership.chat, lambda: _told(membership, before, after, around, limit))
    if getattr(membership, "has_held", False):
        told["held"] = held_of(chat_id, user_id)
    return told


def _told(membership: Membership, before: int | None, after: int | None, around: int | None, limit: int) -> MessagePage:
    history = readable(membership).select_related("sender")
    if around is None:
        page = _page(history, before, after, limit)
    else:
        # What is not there any more is looked for where the rest begins.
        around = max(around, first_readable(membership))
        page = _around(history, min(around, membership.chat.last_seq + 1), limit)
    first, last = _span(page, before, after, around)
    told: MessagePage = {
        "items": page["items"],
        "has_more": page["has_more"],
        "membership_log": log_between(membership, first, last),
    }
    if "has_later" in page:
        told["has_later"] = page["has_later"]
    return told


def messages_for_staff(*, chat_id: UUID, before: int | None = None, limit: int = 50) -> Slice:
    """The newest, or those just before `before`, whoever asks: nobody is asked for a right here."""
    return _page(Message.objects.filter(chat_id=chat_id).select_related("sender"), before, None, limit)


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
    membership = membership_or_refusal(chat_id, user_id)
    return nearby.of_chat(membership.chat, lambda: _thread(membership, seq, before, after, limit))


def _thread(membership: Membership, seq: int, before: int | None, after: int | None, limit: int) -> ThreadPage:
    history = readable(membership).select_related("sender")
    root = history.filter(seq=seq, thread=None).exclude(kind=MessageKind.SYSTEM).first()
    if root is None:
        raise MessageNotFound
    page = _page(history.filter(thread=seq), before, after, limit)
    return {"root": message_json(root), "items": page["items"], "has_more": page["has_more"]}


def _span(page: Slice, before: int | None, after: int | None, around: int | None) -> tuple[int, int | None]:
    """After which messages what happened belongs to the page; of pages side by side, to one of them."""
    seqs = [item["seq"] for item in page["items"]]
    if around is not None:
        return (seqs or [around])[0] if page["has_more"] else 0, seqs[-1] if page["has_later"] else None
    if after is not None:
        return after, seqs[-1] if page["has_more"] else None
    return seqs[0] if page["has_more"] else 0, None if before is None else before - 1


def _page(history: QuerySet[Message], before: int | None, after: int | None, limit: int) -> Slice:
    if after is not None:
        rows = list(history.filter(seq__gt=after).order_by("seq")[: limit + 1])
        page = rows[:limit]
    else:
        older = history if before is None else history.filter(seq__lt=before)
        rows = list(older.order_by("-seq")[: limit + 1])
        page = rows[:limit][::-1]
    return {"items": [message_json(message) for message in page], "has_more": len(rows) > limit}


def _around(history: QuerySet[Message], seq: int, limit: int) -> Slice:
    """Half of them earlier than `seq`, the others from it on. There are no holes, so a range says how many."""
    first, end = seq - limit // 2, seq - limit // 2 + limit
    rows = list(history.filter(seq__gte=first - 1, seq__lte=end).order_by("seq"))
    items = [message_json(message) for message in rows if first <= message.seq < end]
    seqs = {message.seq for message in rows}
    return {"items": items, "has_more": first - 1 in seqs, "has_later": end in seqs}
