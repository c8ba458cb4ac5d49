"""What is held: one's own, and what waits for one's decision."""

from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from chat_svc.events import HeldJson, held_json
from chat_svc.models import HeldMessage, HeldState, HeldWhy
from chat_svc.models.held import HeldQuerySet
from chat_svc.rights import Action, require
from chat_svc.selectors.chats import membership_or_refusal

PAGE = 50
SHOWN_TO_AUTHOR = (HeldState.WAITING, HeldState.REJECTED, HeldState.EXPIRED)

# Beside a membership: whether its person has something held there.
HAS_HELD = Exists(HeldMessage.objects.filter(chat=OuterRef("chat"), sender=OuterRef("user"), state__in=SHOWN_TO_AUTHOR))


class HeldPage(TypedDict):
    """`has_more`: further ones wait behind these."""

    items: list[HeldJson]
    has_more: bool


def own_held(*, chat_id: UUID, user_id: UUID) -> list[HeldJson]:
    """What waits, and what was not approved, as they were written. Raises ChatNotFound."""
    membership_or_refusal(chat_id, user_id)
    return held_of(chat_id, user_id)


def held_of(chat_id: UUID, user_id: UUID) -> list[HeldJson]:
    own = HeldMessage.objects.unsaid().filter(chat_id=chat_id, sender_id=user_id, state__in=SHOWN_TO_AUTHOR)
    return [held_json(held) for held in own.select_related("sender").order_by("held_at", "id")]


def held_in_chat(*, chat_id: UUID, user_id: UUID) -> HeldPage:
    """What waits for who manages the chat, the first one first. Raises ChatNotFound, NotAllowed."""
    membership = membership_or_refusal(chat_id, user_id)
    require(Action.APPROVE_HELD, chat=membership.chat, membership=membership)
    waiting = HeldMessage.objects.waiting().unsaid().of_chats_own().filter(chat_id=chat_id)
    rows = list(waiting.select_related("sender").order_by("held_at", "id")[: PAGE + 1])
    return {"items": [held_json(held) for held in rows[:PAGE]], "has_more": len(rows) > PAGE}


def held_for_staff() -> HeldQuerySet:
    """All that the filter holds; of what chats hold, that of chats that anybody may read, or staff by the setting."""
    waiting = HeldMessage.objects.waiting().unsaid().select_related("sender", "chat").order_by("held_at", "id")
    if settings.MODERATORS_READ == "all":
        return waiting
    return waiting.filter(Q(why=HeldWhy.WORDS) | Q(chat__is_public=True))
