"""A guest becomes an account, or goes over into one: what the guest was in, the account is in."""

from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction

from chat_svc.errors import ChatNotFound
from chat_svc.models import (
    Attachment,
    Chat,
    EntryKind,
    HeldMessage,
    Kind,
    Membership,
    Reminder,
    Role,
    ScheduledMessage,
    State,
)
from chat_svc.models.chats import pair_key
from chat_svc.rights import RANK
from chat_svc.services.blocking import note_block
from chat_svc.services.members import activate, active_chats, deactivate, silence_in
from chat_svc.services.membership_log import tell
from user_svc.selectors import is_block_between, user_by_id
from user_svc.services import lock_people, silence


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
        activate(chat, own, user_id=to_user, role=role, goes_on=guest)
    elif own.is_active:
        _raise_to(chat, own, guest, role)


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
