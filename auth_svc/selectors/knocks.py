"""Questions about people who knock: who waits at a code, who decides, and how it stands with one's own knock."""

from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from abdre.errors import AppError
from abdre.wire import Id, Moment, utc
from auth_svc.models import Invitation, Knock
from chat_svc.selectors import doors_of, may_invite, who_lets_in
from user_svc.selectors import UserJson, user_json

LIST_LIMIT = 50


class WaitingPersonJson(TypedDict):
    user: UserJson
    knocked_at: Moment


class KnockJson(WaitingPersonJson):
    """`title` and `label`: of the chat and of the code, for a host who shows several."""

    invitation: Id
    chat: Id | None
    title: str
    label: str


def counts_waiting(invitations: QuerySet[Invitation]) -> Any:
    """The same rows, each with `waiting`."""
    waiting = Knock.objects.waiting().filter(invitation=OuterRef("pk")).order_by().values("invitation")
    return invitations.annotate(waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0))


def waiting_at(invitation: Invitation) -> list[WaitingPersonJson]:
    waiting = invitation.knocks.waiting().select_related("user")[:LIST_LIMIT]
    return [{"user": user_json(knock.user), "knocked_at": utc(knock.knocked_at)} for knock in waiting]


def deciders(invitation: Invitation) -> set[UUID]:
    """Who is told of a knock and may answer: who made the code, and who manages the chat."""
    host = invitation.created_by_id
    if invitation.chat_id is None:
        return {host}
    return who_lets_in(invitation.chat_id) | ({host} if _is_host_still(invitation.chat_id, host) else set())


def _is_host_still(chat_id: UUID, host_id: UUID) -> bool:
    try:
        may_invite(chat_id=chat_id, user_id=host_id)
    except AppError:
        return False
    return True


def knocks_to_answer(*, user_id: UUID, chat_id: UUID | None = None) -> list[KnockJson]:
    """Who waits for this person's word, longest first; at one chat's codes or at all."""
    chats, managed = doors_of(user_id)
    mine = Q(invitation__created_by_id=user_id) & (Q(invitation__chat=None) | Q(invitation__chat__in=chats))
    alive = Invitation.objects.claimable(timezone.now())
    waiting = Knock.objects.waiting().filter(mine | Q(invitation__chat__in=managed), invitation__in=alive)
    if chat_id is not None:
        waiting = waiting.filter(invitation__chat_id=chat_id)
    return [knock_json(knock) for knock in waiting.select_related("user", "invitation__chat")[:LIST_LIMIT]]


def knock_json(knock: Knock) -> KnockJson:
    invitation = knock.invitation
    return {
        "invitation": str(invitation.id),
        "chat": str(invitation.chat_id) if invitation.chat_id else None,
        "title": invitation.chat.title if invitation.chat else "",
        "label": invitation.label,
        "user": user_json(knock.user),
        "knocked_at": utc(knock.knocked_at),
    }
