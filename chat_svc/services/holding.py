"""What is held is let through or not: by who manages the chat, or by the staff; who wrote it may take it back."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat_svc.errors import AlreadyDecided, HeldNotFound, NotAllowed
from chat_svc.events import MessageJson
from chat_svc.models import DECIDED_KEPT, OF_CHAT, WAITS, Attachment, HeldMessage, HeldState, Message
from chat_svc.rights import Action, require
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.held import SHOWN_TO_AUTHOR
from chat_svc.services.messages import sent
from chat_svc.services.previews import also_for
from chat_svc.writer import Held, Post
from chat_svc.writer.holding import tell_held
from user_svc.selectors import banned_among

EXPIRED_AT_ONCE = 100
# Made anew when it is said: by then it may be rendered otherwise.
NOT_KEPT = {"attachments", "html", "preview"}


def approve_held(*, chat_id: UUID, actor_id: UUID, held_id: UUID) -> MessageJson:
    """It is said, by who wrote it. Raises ChatNotFound, NotAllowed, HeldNotFound, AlreadyDecided, and what the writer
    refuses: its author may have gone."""
    return let_through(_decidable(chat_id, actor_id, held_id), by=actor_id)


def reject_held(*, chat_id: UUID, actor_id: UUID, held_id: UUID) -> None:
    """Raises ChatNotFound, NotAllowed, HeldNotFound, AlreadyDecided."""
    held = _decidable(chat_id, actor_id, held_id)
    with transaction.atomic():
        keep_back(held, HeldState.REJECTED, by=actor_id)


def _decidable(chat_id: UUID, actor_id: UUID, held_id: UUID) -> HeldMessage:
    """What the installation wants held is not the chat's to let through."""
    membership = membership_or_refusal(chat_id, actor_id)
    require(Action.APPROVE_HELD, chat=membership.chat, membership=membership)
    return found(held_id, chat_id=chat_id, why__in=OF_CHAT)


def found(held_id: UUID, **which: object) -> HeldMessage:
    """Raises HeldNotFound."""
    held = HeldMessage.objects.filter(id=held_id, **which).select_related("sender").first()
    if held is None:
        raise HeldNotFound
    return held


def let_through(held: HeldMessage, *, by: UUID, noted: Callable[[Message], object] | None = None) -> MessageJson:
    """`noted` is written with it. It is a message of its own commit, so never inside `atomic`."""
    if held.state != HeldState.WAITING:
        raise AlreadyDecided
    if banned_among([held.sender_id]):
        raise NotAllowed

    def leave() -> None:
        if not HeldMessage.objects.filter(id=held.id).decide(HeldState.APPROVED, by=by):
            raise AlreadyDecided

    def also(message: Message) -> None:
        _tell_approved(held)
        for write in (also_for(held.body), noted):
            if write is not None:
                write(message)

    outcome = sent(_post(held, leave, also))
    assert not isinstance(outcome, Held)  # it comes with somebody's leave
    if not outcome.created:  # said meanwhile, when the rule was gone
        with transaction.atomic():
            leave()
            _tell_approved(held)
            if noted is not None:
                noted(Message.objects.get(chat_id=held.chat_id, seq=outcome.message["seq"]))
    return outcome.message


def _post(held: HeldMessage, leave: Callable[[], None], also: Callable[[Message], None]) -> Post:
    extras = held.extras or {}
    return Post(
        held.chat_id,
        held.sender_id,
        held.client_id,
        held.body,
        held.reply_to,
        extras={name: value for name, value in extras.items() if name not in NOT_KEPT},
        attachments=tuple(UUID(one["id"]) for one in extras.get("attachments", [])),
        thread=held.thread,
        calls_people=held.calls_people,
        also=also,
        leave=leave,
        held_id=held.id,
    )


def _tell_approved(held: HeldMessage) -> None:
    """What it says is the message's from now on, and goes with it."""
    HeldMessage.objects.filter(id=held.id).update(body="", extras=None)
    tell_held(HeldMessage.objects.select_related("sender").get(id=held.id))


def keep_back(held: HeldMessage, state: HeldState, *, by: UUID | None) -> None:
    """It is never said; part of the caller's transaction. Raises AlreadyDecided."""
    Attachment.objects.filter(held=held).drop()  # files are locked before what holds them, as where it is let through
    if not HeldMessage.objects.unsaid().filter(id=held.id).decide(state, by=by):
        raise AlreadyDecided
    held.state, held.decided_at = state, timezone.now()
    tell_held(held)


def drop_held(*, chat_id: UUID, user_id: UUID, held_id: UUID) -> None:
    """One's own: taken back while it waits, or taken off when it was not approved. Raises HeldNotFound."""
    with transaction.atomic():
        held = found(held_id, chat_id=chat_id, sender_id=user_id, state__in=SHOWN_TO_AUTHOR)
        Attachment.objects.filter(held=held).drop()
        # Another device of theirs, which was not there, asks for it again: the row says that it was taken back.
        if not HeldMessage.objects.unsaid().filter(id=held_id, state__in=SHOWN_TO_AUTHOR).withdraw():
            raise HeldNotFound  # approved meanwhile
        held.state, held.decided_at = HeldState.WITHDRAWN, timezone.now()
        tell_held(held)


def old_held_messages() -> QuerySet[HeldMessage]:
    """What was decided long ago, and is known by now."""
    return HeldMessage.objects.filter(decided_at__lte=timezone.now() - DECIDED_KEPT)


def forget_held_messages() -> int:
    """What waited for too long was not approved, and is forgotten in its turn; answers how many went. Called by the
    clock."""
    due = HeldMessage.objects.waiting().filter(held_at__lte=timezone.now() - WAITS).order_by("held_at")
    due.said().delete()
    for held in due.select_related("sender")[:EXPIRED_AT_ONCE]:
        _expire(held)
    forgotten, _ = old_held_messages().delete()
    return forgotten


def _expire(held: HeldMessage) -> None:
    try:
        with transaction.atomic():
            keep_back(held, HeldState.EXPIRED, by=None)
    except AlreadyDecided:  # somebody was just in time
        return
