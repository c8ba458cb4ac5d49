"""People come into a chat, change their role, leave, are removed. Every change locks the chat's row first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.events import publish, user_group
from chat_svc.errors import (
    Banned,
    ChatFull,
    ChatNotFound,
    InvalidChat,
    LastOwner,
    MemberNotFound,
    NotAllowed,
    NotAMember,
)
from chat_svc.events import chat_created, chat_removed
from chat_svc.models import (
    MEMBERS_LIMIT,
    Attachment,
    Chat,
    EntryKind,
    HeldMessage,
    HeldState,
    Kind,
    Membership,
    Reminder,
    Role,
    ScheduledMessage,
    State,
)
from chat_svc.models.chats import pair_key
from chat_svc.rights import RANK, Action, require
from chat_svc.selectors import counts_after
from chat_svc.services.blocking import note_block
from chat_svc.services.ending import close
from chat_svc.services.membership_log import tell, tell_all
from chat_svc.services.notices import watch_if_told
from chat_svc.writer.holding import tell_held
from user_svc.selectors import check_not_apart, is_block_between, may_be_added, user_by_id
from user_svc.services import lock_people, silence, staff_account

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
        membership = _activate(chat, membership, user_id=user_id, role=role, by=by)
    return membership, True


def _activate(
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
            _activate(chat, membership, user_id=membership.user_id, role=membership.role, goes_on=membership)


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


def merge_memberships(*, from_user: UUID, to_user: UUID) -> None:
    """A guest has signed in to an account: what the guest was in, the account is in. Messages keep their author."""
    for chat_id in active_chats(from_user):
        # Erased, or the guest was put out, since we looked: nothing to bring along from there.
        with suppress(ChatNotFound), transaction.atomic():
            chat, guest = Chat.objects.locked_for(chat_id, from_user)
            _hand_over(chat, guest, to_user)
            _hand_over_held(chat, from_user, to_user)
            deactivate(chat, guest, State.LEFT, is_logged=False)  # nobody has gone
            if chat.kind == Kind.DIRECT:
                _pair_anew(chat, to_user)
            _hand_over_plans(chat, from_user, to_user)
    _keep_silence(from_user, to_user)  # chats are locked before people


def _keep_silence(from_user: UUID, to_user: UUID) -> None:
    """Whom staff keeps from writing everywhere is kept from it by any name."""
    guest, own = user_by_id(from_user).silenced_until, user_by_id(to_user).silenced_until
    if guest and (own is None or own < guest):
        silence(user_id=to_user, until=guest)


def _hand_over_plans(chat: Chat, from_user: UUID, to_user: UUID) -> None:
    """What the guest wanted said later, and to be reminded of, unless the account wants so too."""
    ScheduledMessage.objects.filter(chat=chat, sender_id=from_user).update(sender_id=to_user)
    known = list(Reminder.objects.filter(chat=chat, user_id=to_user).values_list("seq", flat=True))
    Reminder.objects.filter(chat=chat, user_id=from_user).exclude(seq__in=known).update(user_id=to_user)


def _hand_over_held(chat: Chat, from_user: UUID, to_user: UUID) -> None:
    """It is approved for the account, whose files it then has to carry; unless that one was put out of the chat."""
    if not chat.memberships.filter(user_id=to_user, state=State.ACTIVE).exists():
        return
    held = HeldMessage.objects.filter(chat=chat, sender_id=from_user)
    Attachment.objects.filter(held__in=held).update(uploader_id=to_user)
    held.update(sender_id=to_user)


def _hand_over(chat: Chat, guest: Membership, to_user: UUID) -> None:
    role = Role.MEMBER if guest.role == Role.GUEST else Role(guest.role)
    own = chat.memberships.select_related("user").filter(user_id=to_user).first()
    if own is None or own.state == State.LEFT:
        _activate(chat, own, user_id=to_user, role=role, goes_on=guest)
    elif own.is_active:
        _raise_to(chat, own, guest, role)
    # Who was put out stays out: a guest's name is no way back in.


def _raise_to(chat: Chat, own: Membership, guest: Membership, role: Role) -> None:
    """In already, and now all that the guest was: without this a chat that the guest hosts would have no owner."""
    if guest.visible_from_seq < own.visible_from_seq:
        own.visible_from_seq = guest.visible_from_seq
        own.save(update_fields=["visible_from_seq"])
    if guest.silenced_until and (own.silenced_until is None or own.silenced_until < guest.silenced_until):
        silence_in(chat, own.user_id, guest.silenced_until)
    if RANK[role] > RANK[Role(own.role)]:
        own.change(version=chat.next_version(), role=role)
        tell(chat, own, EntryKind.ROLE_CHANGED)


def silence_in(chat: Chat, user_id: UUID, until: dt.datetime | None) -> None:
    """Them, and their bots in their name. The caller holds the chat's lock."""
    theirs = chat.memberships.filter(Q(user_id=user_id) | Q(user__bot_owner_id=user_id))
    theirs.update(silenced_until=until)


def _pair_anew(chat: Chat, to_user: UUID) -> None:
    """It is this account's chat with the other one now; unless those two have one already, which stays theirs."""
    other = chat.memberships.filter(state=State.ACTIVE).exclude(user_id=to_user).first()
    if other is None:
        return
    lock_people({to_user, other.user_id})  # as who blocks somebody does: one sees what the other has done
    note_block(chat, is_block_between(to_user, other.user_id))
    # The other side may be opening their chat at this moment: then that one is the pair's.
    with suppress(IntegrityError), transaction.atomic():
        chat.direct_key = pair_key(to_user, other.user_id)
        chat.save(update_fields=["direct_key"])


def lock_chats_of(user_id: UUID) -> None:
    """Lock the person's chats until the caller's transaction ends.

    Before the person's own row is locked: whoever writes a message holds the chat and then needs the author's row.
    """
    active = Membership.objects.filter(user_id=user_id, state=State.ACTIVE).values("chat_id")
    list(Chat.objects.select_for_update().filter(id__in=active).order_by("id").values_list("id"))


def promote_memberships(*, user_id: UUID) -> None:
    """A guest has become a member: same person, and no guest's role any more."""
    for chat_id in active_chats(user_id):
        with suppress(ChatNotFound), transaction.atomic():
            chat, membership = Chat.objects.locked_for(chat_id, user_id)
            role = Role.MEMBER if membership.role == Role.GUEST else membership.role
            membership.change(version=chat.next_version(), role=role)
            tell(chat, membership, None)


def active_chats(user_id: UUID) -> list[UUID]:
    """In the order of ids, in which every lock on several chats is taken."""
    active = Membership.objects.filter(user_id=user_id, state=State.ACTIVE)
    return list(active.order_by("chat_id").values_list("chat_id", flat=True))
