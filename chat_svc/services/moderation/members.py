"""What staff does to somebody in a chat, or to their writing everywhere."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.events import publish, user_group
from abdre.wire import utc
from chat_svc.errors import CannotUndo, MemberNotFound, NotAllowed, Unchanged
from chat_svc.events import silence_changed
from chat_svc.models import Chat, Deed, Kind, Membership, ModerationEntry, Right, State
from chat_svc.services.bans import lift_ban
from chat_svc.services.ending import hand_on_or_close
from chat_svc.services.members import deactivate, member_of, silence_in
from chat_svc.services.membership_log import tell
from chat_svc.services.moderation.log import last_deed, note
from chat_svc.services.moderation.notices import tell_people
from chat_svc.services.moderation.staff import Staff, check_target, refuse_webhook, require_right
from user_svc.services import NoticeKind, lock_person, staff_account
from user_svc.services import silence as silence_everywhere

LONGEST_SILENCE = dt.timedelta(days=365)


def silence(*, by: Staff, user_id: UUID, lasts: dt.timedelta, chat_id: UUID | None = None) -> ModerationEntry:
    """The person and their bots write nothing in the chat, or anywhere, until then; a message on its way may still come
    in.

    Said again, the last word counts. Raises NotStaff, UserNotFound, TargetProtected, ChatNotFound, MemberNotFound,
    NotAllowed for a webhook's bot, Invalid, ReasonMissing.
    """
    target = check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    refuse_webhook(target)
    if not dt.timedelta(0) < lasts <= LONGEST_SILENCE:
        raise Invalid(fields={"lasts": [_("At most a year.")]})
    until = timezone.now() + lasts
    with transaction.atomic():
        _set(user_id, chat_id, until)
        entry = note(by, Deed.SILENCED, person_id=user_id, chat_id=chat_id, until=utc(until))
        tell_people(entry, NoticeKind.SILENCED, [user_id], until=until)
    return entry


def unsilence(*, by: Staff, user_id: UUID, chat_id: UUID | None = None) -> ModerationEntry:
    """Raises NotStaff, UserNotFound, TargetProtected, ChatNotFound, MemberNotFound, CannotUndo where they may write,
    ReasonMissing."""
    check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        until = _set(user_id, chat_id, None)
        if until is None or until <= timezone.now():
            raise CannotUndo
        done = last_deed(Deed.SILENCED, person_id=user_id, chat_id=chat_id)
        entry = note(by, Deed.UNSILENCED, person_id=user_id, chat_id=chat_id, undoes=done)
        tell_people(entry, NoticeKind.UNSILENCED, [user_id])
    return entry


def _set(user_id: UUID, chat_id: UUID | None, until: dt.datetime | None) -> dt.datetime | None:
    """Answers what held before. Their own devices are told, and nobody else."""
    publish(user_group(user_id), silence_changed(chat_id, until))
    if chat_id is None:
        before = lock_person(user_id=user_id).silenced_until  # of two who end it at once the second finds it ended
        silence_everywhere(user_id=user_id, until=until)
        return before
    chat = Chat.objects.locked(chat_id)
    membership = Membership.objects.filter(chat=chat, user_id=user_id).first()
    if membership is None:
        raise MemberNotFound
    chat.next_version()  # by which a message that is being written meanwhile finds that what it has read is old
    silence_in(chat, user_id, until)
    return membership.silenced_until


def remove_member(*, by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    """They may come in again by a code. A chat that has lost its owner goes on under another one, or closes.

    Raises NotStaff, UserNotFound, TargetProtected, ChatNotFound, MemberNotFound, NotAllowed in a direct chat,
    ReasonMissing.
    """
    check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        chat = _locked(chat_id)
        _put_out(chat, member_of(chat, user_id), State.REMOVED)
        entry = note(by, Deed.REMOVED, person_id=user_id, chat_id=chat_id)
        tell_people(entry, NoticeKind.REMOVED, [user_id])
    return entry


def ban_from_chat(*, by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    """Who is in it, or has been, comes in no more.

    Raises as `remove_member`, and Unchanged for who is banned.
    """
    check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        chat = _locked(chat_id)
        membership = chat.memberships.select_related("user").filter(user_id=user_id).first()
        if membership is None:
            raise MemberNotFound
        _ban(chat, membership)
        entry = note(by, Deed.BANNED_FROM_CHAT, person_id=user_id, chat_id=chat_id)
        tell_people(entry, NoticeKind.BANNED_FROM_CHAT, [user_id])
    return entry


def unban_from_chat(*, by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    """They are not in the chat by that. Raises as `remove_member`; MemberNotFound for who is not banned there."""
    check_target(require_right(by, Right.MODERATE_PEOPLE), user_id)
    with transaction.atomic():
        lift_ban(_locked(chat_id), user_id)
        done = last_deed(Deed.BANNED_FROM_CHAT, person_id=user_id, chat_id=chat_id)
        entry = note(by, Deed.UNBANNED_FROM_CHAT, person_id=user_id, chat_id=chat_id, undoes=done)
        tell_people(entry, NoticeKind.UNBANNED_FROM_CHAT, [user_id])
    return entry


def _locked(chat_id: UUID) -> Chat:
    """Two people own a direct chat alike, and nobody puts them out of it: they are silenced, or it is closed."""
    chat = Chat.objects.locked(chat_id)
    if chat.kind == Kind.DIRECT:
        raise NotAllowed
    return chat


def _ban(chat: Chat, membership: Membership) -> None:
    if membership.is_active:
        _put_out(chat, membership, State.BANNED)
    elif membership.state == State.BANNED:
        raise Unchanged
    else:  # they have gone before: nobody reads of it
        membership.change(version=chat.next_version(), state=State.BANNED)
        tell(chat, membership, None)


def _put_out(chat: Chat, membership: Membership, state: State) -> None:
    deactivate(chat, membership, state, by=staff_account())
    hand_on_or_close(chat)
