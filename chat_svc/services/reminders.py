"""Somebody is reminded of a message at a moment they have chosen. Nobody else hears."""

import datetime as dt
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from abdre.events import publish, user_group
from chat_svc.errors import InvalidMessage, MessageDeleted, MessageNotFound, ReminderNotFound, TooManyReminders
from chat_svc.events import ReminderJson, reminder_due, reminder_json
from chat_svc.models import REMINDERS_LIMIT, Message, Reminder
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable
from chat_svc.selectors.reminders import line_of, messages_of, reminder_notice
from user_svc.selectors import pushed_to
from user_svc.services import push_words

LATEST = dt.timedelta(days=366)
TOLD_AT_ONCE = 100
TOLD_KEPT = dt.timedelta(days=30)
PUSHED_FOR_S = 24 * 3600


def remind(*, chat_id: UUID, user_id: UUID, seq: int, at: dt.datetime) -> ReminderJson:
    """One for each message; another moment takes the place of the first.

    Raises ChatNotFound, MessageNotFound, MessageDeleted, InvalidMessage, TooManyReminders.
    """
    _found(chat_id, user_id, seq)
    if not dt.timedelta(0) < at - timezone.now() <= LATEST:
        raise InvalidMessage("at", _("A moment within the next year."))
    waiting = Reminder.objects.filter(user_id=user_id, told_at=None).exclude(chat_id=chat_id, seq=seq)
    if waiting.count() >= REMINDERS_LIMIT:
        raise TooManyReminders
    facts = {"remind_at": at, "told_at": None}
    made, _is_new = Reminder.objects.update_or_create(chat_id=chat_id, user_id=user_id, seq=seq, defaults=facts)
    return reminder_json(made)


def _found(chat_id: UUID, user_id: UUID, seq: int) -> Message:
    message = readable(membership_or_refusal(chat_id, user_id)).filter(seq=seq).first()
    if message is None:
        raise MessageNotFound
    if message.deleted_at is not None:
        raise MessageDeleted
    return message


def drop_reminder(*, reminder_id: UUID, user_id: UUID) -> None:
    """Raises ReminderNotFound, also for another one's."""
    if not Reminder.objects.filter(id=reminder_id, user_id=user_id).delete()[0]:
        raise ReminderNotFound


def tell_reminders() -> int:
    """Those whose time has come; answers how many were told. Called by the clock of the worker."""
    now = timezone.now()
    due = list(Reminder.objects.filter(told_at=None, remind_at__lte=now).order_by("remind_at")[:TOLD_AT_ONCE])
    messages = messages_of(due)
    for reminder in due:
        _tell(reminder, messages.get(reminder.id))
    return len(due)


def old_reminders() -> QuerySet[Reminder]:
    """Those of which it was said long ago."""
    return Reminder.objects.filter(told_at__lt=timezone.now() - TOLD_KEPT)


def forget_told_reminders() -> int:
    """Answers how many. Called by the clock."""
    return old_reminders().delete()[0]


def _tell(reminder: Reminder, message: Message | None) -> None:
    """`message` None: the person may not see it any more, or it is gone, and so is the wish."""
    if message is None:
        Reminder.objects.filter(id=reminder.id).delete()
        return
    with transaction.atomic():
        same = Reminder.objects.filter(id=reminder.id, told_at=None, remind_at=reminder.remind_at)
        if same.update(told_at=timezone.now()):  # of several workers one tells it
            publish(user_group(reminder.user_id), reminder_due(reminder, line_of(message)))
            for subscription_id in pushed_to(reminder.user_id):
                push_reminder.enqueue(str(reminder.id), str(subscription_id))


@task()
def push_reminder(reminder_id: str, subscription_id: str) -> None:
    """To a browser whose pages are closed, at any hour: the person has chosen this one."""
    reminder = Reminder.objects.filter(id=reminder_id).exclude(told_at=None).first()
    message = messages_of([reminder]).get(reminder.id) if reminder else None
    if reminder is None or message is None:  # gone meanwhile
        return
    words = partial(reminder_notice, reminder, message)
    push_words(UUID(subscription_id), words, topic=reminder.id.hex, ttl_s=PUSHED_FOR_S)
