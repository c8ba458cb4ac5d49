"""People come into a chat, change their role, leave, are removed. Every change locks the chat's row first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.events import publish, user_group
from chat_svc.errors import Banned, ChatFull, InvalidChat, LastOwner, MemberNotFound, NotAllowed, NotAMember
from chat_svc.events import chat_created, chat_removed
from chat_svc.models import MEMBERS_LIMIT, Chat, EntryKind, HeldMessage, HeldState, Kind, Membership, Role, State
from chat_svc.rights import RANK, Action, require
from chat_svc.selectors import counts_after
from chat_svc.services.ending import close
from chat_svc.services.membership_log import tell, tell_all
from chat_svc.services.notices import watch_if_told
from chat_svc.writer.holding import tell_held
from user_svc.selectors import check_not_apart, may_be_added, user_by_id
from user_svc.services import staff_account

if TYPE_CHECKING:
    from user_svc.models import User

EVICT_BATCH = 200  # a statement's rows


def enrol(*, chat_id: UUID, user_id: UUID, role: str = Role.MEMBER, by: User | None = None) -> tuple[Membership, bool]:
    """(the person's active membership, whether it is new). Guests get the guest's role. `by`: who takes them in.

    Raises ChatNotFound, ChatOver, Banned, ChatFull.
    """
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        chat.refuse_if_over()
        membership = chat.memberships.select_related("user").filter(user_id=user_id).first()
        if membership is not None and membership.is_active:
            return membership, False
        if membership is not None and membership.state == State.BANNED:
            raise Banned
        if chat.memberships.filter(state=State.ACTIVE).count() >= MEMBERS_LIMIT:
            raise ChatFull
        membership = activate(chat, membership, user_id=user_id, role=role, by=by)
    return membership, True


def activate(
    chat: Chat,
    membership: Membership | None,
    *,
    user_id: UUID,
    role: str,
    goes_on: Membership | None = None,
    by: User | None = None,
) -> Membership:
    """`goes_on`: the membership, their own or another's, where this one begins; else they are new."""
    user = user_by_id(user_id)
    # What was said before is there to be read, but nobody is greeted by a thousand unread messages.
    read_seq = goes_on.read_seq if goes_on else chat.last_seq
    facts: dict[str, Any] = {
        "role": Role.GUEST if user.is_guest and role == Role.MEMBER else role,
        "state": State.ACTIVE,
        "joined_at": timezone.now(),
        "read_seq": read_seq,
        **counts_after(chat_id=chat.id, user_id=user_id, seq=read_seq),
        "visible_from_seq": goes_on.visible_from_seq if goes_on else chat.first_for_newcomers,
    }
    if goes_on:  # nobody writes again by another account of theirs
        facts["silenced_until"] = goes_on.silenced_until
    elif membership is None and user.bot_owner_id:  # nor by a bot of theirs
        owner = chat.memberships.filter(user_id=user.bot_owner_id)
        facts["silenced_until"] = owner.values_list("silenced_until", flat=True).first()
    chat.hide_below(facts["visible_from_seq"])
    version = chat.next_version()
    if membership is None:
        membership = Membership.objects.create(chat=chat, user=user, version=version, **facts)
    else:
        membership.change(version=version, **facts)
    tell(chat, membership, None if goes_on else EntryKind.JOINED, by=by)
    publish(user_group(user_id), chat_created(chat, membership))
    watch_if_told(chat, user_id)
    return membership


def bring_back(*, chat_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Those of `user_ids` who left are in again as who they were, with what was said meanwhile unread.

    Raises ChatNotFound.
    """
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        gone = chat.memberships.filter(state=State.LEFT, user_id__in=list(user_ids))
        for membership in gone.select_related("user").order_by("id"):
            activate(chat, membership, user_id=membership.user_id, role=membership.role, goes_on=membership)


def add_member(*, chat_id: UUID, actor_id: UUID, user_id: UUID) -> Membership:
    """A member is taken in without a code, but for who is on the other side of a block.

    Raises ChatNotFound, ChatOver, NotAllowed, InvalidChat, MayNotWrite, Banned, ChatFull.
    """
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        require(Action.ADD_MEMBER, chat=chat, membership=actor)
        if actor.user.is_guest or actor.user.is_bot:
            raise NotAllowed
        user = user_by_id(user_id)
        if not may_be_added(user):
            raise InvalidChat("user", _("Only people with an account can be added."))
        check_not_apart(actor_id, user_id)
        membership, _created = enrol(chat_id=chat_id, user_id=user_id, by=actor.user)
    return membership


def leave_chat(*, chat_id: UUID, user_id: UUID) -> None:
    """The last person to leave closes the chat, but for a direct one: its pair has no other. Bots keep no chat open.

    Raises ChatNotFound, LastOwner.
    """
    with transaction.atomic():
        chat, membership = Chat.objects.locked_for(chat_id, user_id)
        others = _people(chat).exclude(user_id=user_id)
        if membership.role == Role.OWNER and others.exists() and not others.filter(role=Role.OWNER).exists():
            raise LastOwner
        deactivate(chat, membership, State.LEFT)
        _close_if_empty(chat)


def _people(chat: Chat) -> QuerySet[Membership]:
    return chat.memberships.filter(state=State.ACTIVE, user__is_bot=False)


def _close_if_empty(chat: Chat) -> None:
    if chat.kind != Kind.DIRECT and not _people(chat).exists():
        close(chat)


def remove_member(*, chat_id: UUID, actor_id: UUID, user_id: UUID, ban: bool = False) -> None:
    """Raises ChatNotFound, MemberNotFound, NotAllowed."""
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        target = member_of(chat, user_id)
        _check_rank(chat, actor, target)
        deactivate(chat, target, State.BANNED if ban else State.REMOVED, by=actor.user)


def evict(*, chat_id: UUID, actor_id: UUID | None, user_ids: Iterable[UUID]) -> list[UUID]:
    """Those of `user_ids` who are in the chat are taken out, and answered; its owners stay. Raises ChatNotFound.

    `actor_id` None: staff does it, who is not in the chat.
    """
    with transaction.atomic():
        chat = Chat.objects.locked(chat_id)
        actor = chat.membership_of(actor_id).user if actor_id else staff_account()
        present = chat.memberships.select_related("user").filter(state=State.ACTIVE, user_id__in=list(user_ids))
        leaving = list(present.exclude(role=Role.OWNER))
        if not leaving:
            return []
        for membership, version in zip(leaving, chat.next_versions(len(leaving)), strict=True):
            membership.state, membership.version = State.REMOVED, version
        Membership.objects.bulk_update(leaving, ["state", "version"], batch_size=EVICT_BATCH)
        _tell_gone(chat, leaving, State.REMOVED, EntryKind.REMOVED, by=actor)
    return [membership.user_id for membership in leaving]


def change_role(*, chat_id: UUID, actor_id: UUID, user_id: UUID, role: str) -> Membership:
    """`role`: owner, admin or member.

    Raises ChatNotFound, ChatOver, MemberNotFound, NotAllowed, InvalidChat, LastOwner.
    """
    if role not in (Role.OWNER, Role.ADMIN, Role.MEMBER):
        raise InvalidChat("role", _("One of owner, admin, member."))
    with transaction.atomic():
        chat, actor = Chat.objects.locked_for(chat_id, actor_id)
        chat.refuse_if_over()
        target = member_of(chat, user_id)
        require(Action.CHANGE_ROLE, chat=chat, membership=actor)
        if target.user.is_guest or (target.user.is_bot and role == Role.OWNER):
            raise NotAllowed
        if target.role == Role.OWNER and role != Role.OWNER and _is_last_owner(chat, target):
            raise LastOwner
        target.change(version=chat.next_version(), role=role)
        tell(chat, target, EntryKind.ROLE_CHANGED, by=actor.user)
    return target


def _is_last_owner(chat: Chat, membership: Membership) -> bool:
    owners = chat.memberships.filter(state=State.ACTIVE, role=Role.OWNER)
    return not owners.exclude(id=membership.id).exists()


def member_of(chat: Chat, user_id: UUID) -> Membership:
    try:
        return chat.membership_of(user_id)
    except NotAMember as problem:
        raise MemberNotFound from problem


def _check_rank(chat: Chat, actor: Membership, target: Membership) -> None:
    require(Action.REMOVE_MEMBER, chat=chat, membership=actor)
    if RANK[Role(target.role)] >= RANK[Role(actor.role)]:
        raise NotAllowed


def deactivate(
    chat: Chat, membership: Membership, state: State, *, by: User | None = None, is_logged: bool = True
) -> None:
    membership.change(version=chat.next_version(), state=state)
    _tell_gone(chat, [membership], state, EntryKind(state.value) if is_logged else None, by=by)


def _tell_gone(
    chat: Chat, memberships: Sequence[Membership], state: State, kind: EntryKind | None, *, by: User | None
) -> None:
    gone = [membership.user_id for membership in memberships]
    _drop_held_of(chat, gone)
    tell_all(chat, memberships, kind, by=by)
    for membership in memberships:
        publish(user_group(membership.user_id), chat_removed(chat.id, state.value))


def _drop_held_of(chat: Chat, people: Sequence[UUID]) -> None:
    """Who is not there says nothing; whoever might have decided on it is told."""
    held = HeldMessage.objects.filter(chat=chat, sender_id__in=people)
    gone = list(held.select_related("sender"))
    for one in gone:
        if one.state == HeldState.WAITING:
            one.state, one.decided_at = HeldState.WITHDRAWN, timezone.now()
            tell_held(one)
    if gone:
        held.delete()

    # Who was put out stays out: a guest's name is no way back in.


def silence_in(chat: Chat, user_id: UUID, until: dt.datetime | None) -> None:
    """Them, and their bots in their name. The caller holds the chat's lock."""
    theirs = chat.memberships.filter(Q(user_id=user_id) | Q(user__bot_owner_id=user_id))
    theirs.update(silenced_until=until)


def active_chats(user_id: UUID) -> list[UUID]:
    """In the order of ids, in which every lock on several chats is taken."""
    active = Membership.objects.filter(user_id=user_id, state=State.ACTIVE)
    return list(active.order_by("chat_id").values_list("chat_id", flat=True))
