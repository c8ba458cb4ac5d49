"""Of what somebody wants to be reminded, as far as they may still see it."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from chat_svc.events import ReminderJson, reminder_json
from chat_svc.models import Membership, Message, Reminder, State
from chat_svc.selectors.notices import NoticeJson
from chat_svc.selectors.readable import readable_from

LINE_LENGTH = 120


class ReminderItem(ReminderJson):
    """`text`: the message in one line, after who wrote it."""

    text: str


def reminders(*, user_id: UUID) -> list[ReminderItem]:
    """One's own, the next one first; without those of messages that are gone, or not for this person any more."""
    own = list(Reminder.objects.filter(user_id=user_id).order_by("remind_at", "id"))
    messages = messages_of(own)
    return [{**reminder_json(one), "text": line_of(messages[one.id])} for one in own if one.id in messages]


def messages_of(reminders: Sequence[Reminder]) -> dict[UUID, Message]:
    """By reminder, in two queries."""
    keys = [(one.chat_id, one.seq) for one in reminders]
    members = Membership.objects.filter(
        chat_id__in={one.chat_id for one in reminders}, user_id__in={one.user_id for one in reminders}
    )
    bounds = {(one.chat_id, one.user_id): readable_from(one) for one in members.filter(state=State.ACTIVE)}
    found = Message.objects.filter(pk__in=keys, deleted_at=None).select_related("sender")
    messages = {(message.chat_id, message.seq): message for message in found}
    return {
        one.id: messages[one.chat_id, one.seq]
        for one in reminders
        if (one.chat_id, one.seq) in messages and one.seq >= bounds.get((one.chat_id, one.user_id), one.seq + 1)
    }


def line_of(message: Message) -> str:
    words = (message.extras or {}).get("preview") or message.body
    line = " ".join(str(words).split())[:LINE_LENGTH]
    return f"{message.sender.display_name}: {line}"


def reminder_notice(reminder: Reminder, message: Message, hides_text: bool) -> NoticeJson:
    text = "" if hides_text else line_of(message)
    url = f"/chats/{reminder.chat_id}?at={reminder.seq}"
    return {"tag": f"reminder-{reminder.id}", "title": _("Reminder"), "text": text, "url": url}
