"""What somebody has written to be sent later, or could not be."""

from uuid import UUID

from chat_svc.errors import ScheduledNotFound
from chat_svc.events import ScheduledJson, scheduled_json
from chat_svc.models import ScheduledMessage
from chat_svc.selectors.chats import membership_or_refusal


def scheduled_messages(*, user_id: UUID, chat_id: UUID | None = None) -> list[ScheduledJson]:
    """One's own, of one chat or of all, the next one first. Raises ChatNotFound."""
    own = ScheduledMessage.objects.filter(sender_id=user_id)
    if chat_id is not None:
        membership_or_refusal(chat_id, user_id)
        own = own.filter(chat_id=chat_id)
    return [scheduled_json(one) for one in own.order_by("send_at", "id")]


def own_scheduled(*, scheduled_id: UUID, chat_id: UUID, user_id: UUID) -> ScheduledMessage:
    """Raises ScheduledNotFound; also for another one's. Who has gone from the chat may still cancel it."""
    found = ScheduledMessage.objects.filter(id=scheduled_id, chat_id=chat_id, sender_id=user_id).first()
    if found is None:
        raise ScheduledNotFound
    return found
