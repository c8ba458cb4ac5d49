"""A message is written now to be sent later; at its time the worker sends it, once."""

import datetime as dt
import logging
from typing import TypedDict
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.errors import AppError, TooMany, Unavailable
from abdre.events import publish, user_group
from chat_svc.errors import BeingSent, InvalidMessage, NotAllowed, TooManyScheduled
from chat_svc.events import ScheduledJson, scheduled_failed, scheduled_json
from chat_svc.models import SCHEDULED_LIMIT, ScheduledMessage
from chat_svc.rights import Action, require
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.filtering import judged
from chat_svc.selectors.scheduled import own_scheduled
from chat_svc.services.messages import Held, Sent, checked_body, checked_reply, send_message
from chat_svc.writer.rules import check_but_for_pace, refuse_words
from user_svc.selectors import banned_among

log = logging.getLogger(__name__)

EARLIEST, LATEST = dt.timedelta(minutes=1), dt.timedelta(days=366)
SENT_AT_ONCE = 50


class ScheduledFacts(TypedDict, total=False):
    body: str
    send_at: dt.datetime


def schedule_message(
    *, chat_id: UUID, sender_id: UUID, client_id: UUID, body: str, send_at: dt.datetime, reply_to: int | None = None
) -> tuple[ScheduledJson, bool]:
    """(what waits, whether it is new): a known `client_id` of the chat gives what waits already.

    Raises ChatNotFound, ChatOver, NotAllowed, MayNotWrite, InvalidMessage, TooManyScheduled.
    """
    checked_reply(reply_to)
    checked = checked_body(body)
    _check_rights(chat_id, sender_id, checked)
    own = ScheduledMessage.objects.filter(sender_id=sender_id)
    known = own.filter(chat_id=chat_id, client_id=client_id).first()
    if known is not None:
        return scheduled_json(known), False
    _check_time(send_at)
    if own.count() >= SCHEDULED_LIMIT:
        raise TooManyScheduled
    made, is_new = ScheduledMessage.objects.get_or_create(
        chat_id=chat_id,
        sender_id=sender_id,
        client_id=client_id,
        defaults={"body": checked, "reply_to": reply_to, "send_at": send_at},
    )
    return scheduled_json(made), is_new


def _check_rights(chat_id: UUID, sender_id: UUID, body: str) -> None:
    """As they are now; they are looked at anew when it is sent."""
    membership = membership_or_refusal(chat_id, sender_id)
    membership.chat.refuse_if_over()
    require(Action.WRITE, chat=membership.chat, membership=membership)
    check_but_for_pace(membership.chat, membership, body)
    refuse_words(judged(body, sender_id))


def _check_time(send_at: dt.datetime) -> None:
    if not EARLIEST <= send_at - timezone.now() <= LATEST:
        raise InvalidMessage("send_at", _("From one minute to one year from now."))


def change_scheduled(*, scheduled_id: UUID, chat_id: UUID, user_id: UUID, facts: ScheduledFacts) -> ScheduledJson:
    """One that could not be sent gets another chance. Raises ScheduledNotFound, BeingSent, InvalidMessage, and as
    `schedule_message`."""
    waiting = own_scheduled(scheduled_id=scheduled_id, chat_id=chat_id, user_id=user_id)
    if "body" in facts:
        waiting.body = checked_body(facts["body"])
    if "send_at" in facts:
        waiting.send_at = facts["send_at"]
    _check_time(waiting.send_at)
    _check_rights(chat_id, user_id, waiting.body)
    # What the worker has taken meanwhile is not changed under its hands.
    free = ScheduledMessage.objects.filter(id=scheduled_id).free()
    if not free.update(body=waiting.body, send_at=waiting.send_at, problem=""):
        raise BeingSent
    waiting.problem = ""
    return scheduled_json(waiting)


def cancel_scheduled(*, scheduled_id: UUID, chat_id: UUID, user_id: UUID) -> None:
    """Raises ScheduledNotFound, BeingSent."""
    own_scheduled(scheduled_id=scheduled_id, chat_id=chat_id, user_id=user_id)
    if not ScheduledMessage.objects.filter(id=scheduled_id).free().delete()[0]:
        raise BeingSent


def send_scheduled_now(*, scheduled_id: UUID, chat_id: UUID, user_id: UUID) -> Sent | Held:
    """Raises ScheduledNotFound, BeingSent, and as `send_message`: then it goes on waiting."""
    waiting = own_scheduled(scheduled_id=scheduled_id, chat_id=chat_id, user_id=user_id)
    if not ScheduledMessage.objects.claim(scheduled_id):
        raise BeingSent
    try:
        sent = _sent(waiting)
    except AppError:
        ScheduledMessage.objects.filter(id=scheduled_id).update(claimed_until=None)
        raise
    ScheduledMessage.objects.filter(id=scheduled_id).delete()
    return sent


def send_scheduled_messages() -> int:
    """Those whose time has come; answers how many were taken. Called by the clock of the worker.

    A worker that dies after the sending leaves the row: the next one sends the same `client_id` again, which is known,
    and only the row goes.
    """
    due = list(ScheduledMessage.objects.due()[:SENT_AT_ONCE])
    taken = [one for one in due if ScheduledMessage.objects.claim(one.id)]
    barred = banned_among(one.sender_id for one in taken) if taken else set[UUID]()
    for waiting in taken:
        waiting.refresh_from_db()  # it may have been changed until it was ours
        if waiting.sender_id in barred:  # who may not sign in says nothing by what was left behind
            _fail(waiting, NotAllowed.code)
        else:
            _send(waiting)
    return len(taken)


def _send(waiting: ScheduledMessage) -> None:
    try:
        _sent(waiting)
    except (TooMany, Unavailable) as problem:
        _wait(waiting, seconds=problem.retry_after_s or 1)
    except AppError as refused:
        _fail(waiting, refused.code)
    else:
        ScheduledMessage.objects.filter(id=waiting.id).delete()


def _sent(waiting: ScheduledMessage) -> Sent | Held:
    return send_message(
        chat_id=waiting.chat_id,
        sender_id=waiting.sender_id,
        client_id=waiting.client_id,
        body=waiting.body,
        reply_to=waiting.reply_to,
    )


def _wait(waiting: ScheduledMessage, *, seconds: float) -> None:
    send_at = timezone.now() + dt.timedelta(seconds=seconds)
    ScheduledMessage.objects.filter(id=waiting.id).update(send_at=send_at, claimed_until=None)


def _fail(waiting: ScheduledMessage, problem: str) -> None:
    log.info("scheduled message refused", extra={"chat": str(waiting.chat_id), "code": problem})
    waiting.problem = problem
    ScheduledMessage.objects.filter(id=waiting.id).update(problem=problem, claimed_until=None)
    publish(user_group(waiting.sender_id), scheduled_failed(waiting))
