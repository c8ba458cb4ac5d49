"""The webhooks of a chat, for those who manage it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.models import Delivery, IncomingHook, Membership, OutgoingHook, State
from chat_svc.rights import Action, require
from chat_svc.selectors.chats import membership_or_refusal


class IncomingHookJson(TypedDict):
    """`ending`: the token's last signs. `is_on`: its bot is in the chat."""

    id: Id
    name: str
    bot: Id
    ending: str
    is_on: bool
    created_at: Moment
    last_used_at: Moment | None


class DeliveryJson(TypedDict):
    """`status`: of the answer; null: there was none, and `problem` says why. `count`: events told."""

    at: Moment
    count: int
    status: int | None
    problem: Literal["", "timeout", "unreachable", "refused"]


class OutgoingHookJson(TypedDict):
    """`off_at`: since when it is switched off. `deliveries`: the last twenty, the newest first."""

    id: Id
    name: str
    bot: Id
    url: str
    created_at: Moment
    failing_since: Moment | None
    off_at: Moment | None
    deliveries: list[DeliveryJson]


def incoming_hooks(*, chat_id: UUID, user_id: UUID) -> list[IncomingHookJson]:
    """Raises ChatNotFound, NotAllowed."""
    _require(chat_id, user_id)
    hooks = list(IncomingHook.objects.filter(chat_id=chat_id).order_by("created_at", "id"))
    present = _present(chat_id, (hook.bot_id for hook in hooks))
    return [
        {
            "id": str(hook.id),
            "name": hook.name,
            "bot": str(hook.bot_id),
            "ending": hook.ending,
            "is_on": hook.bot_id in present,
            "created_at": utc(hook.created_at),
            "last_used_at": utc(hook.last_used_at),
        }
        for hook in hooks
    ]


def outgoing_hooks(*, chat_id: UUID, user_id: UUID) -> list[OutgoingHookJson]:
    """Raises ChatNotFound, NotAllowed."""
    _require(chat_id, user_id)
    hooks = list(OutgoingHook.objects.filter(chat_id=chat_id).order_by("created_at", "id"))
    deliveries: defaultdict[UUID, list[DeliveryJson]] = defaultdict(list)
    for delivery in Delivery.objects.filter(hook__in=hooks):
        deliveries[delivery.hook_id].append(_delivery(delivery))
    return [
        {
            "id": str(hook.id),
            "name": hook.name,
            "bot": str(hook.bot_id),
            "url": hook.url,
            "created_at": utc(hook.created_at),
            "failing_since": utc(hook.failing_since),
            "off_at": utc(hook.off_at),
            "deliveries": deliveries[hook.id],
        }
        for hook in hooks
    ]


def _delivery(delivery: Delivery) -> DeliveryJson:
    return {
        "at": utc(delivery.at),
        "count": delivery.count,
        "status": delivery.status,
        "problem": delivery.problem,  # type: ignore[typeddict-item]  # one of those that services.deliveries writes
    }


def _require(chat_id: UUID, user_id: UUID) -> None:
    membership = membership_or_refusal(chat_id, user_id)
    require(Action.MANAGE_INTEGRATIONS, chat=membership.chat, membership=membership)


def _present(chat_id: UUID, user_ids: Iterable[UUID]) -> set[UUID]:
    active = Membership.objects.filter(chat_id=chat_id, user_id__in=list(user_ids), state=State.ACTIVE)
    return set(active.values_list("user_id", flat=True))
