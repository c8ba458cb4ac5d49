"""What is pinned in a chat."""

from uuid import UUID

from chat_svc.events import MessageJson, message_json
from chat_svc.models import Pin
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable


def pinned_messages(*, chat_id: UUID, user_id: UUID) -> list[MessageJson]:
    """The last one pinned first. Raises ChatNotFound."""
    membership = membership_or_refusal(chat_id, user_id)
    places = dict(Pin.objects.filter(chat_id=chat_id).values_list("seq", "pinned_at"))
    pinned = readable(membership).filter(seq__in=places).select_related("sender")
    return [message_json(message) for message in sorted(pinned, key=lambda one: places[one.seq], reverse=True)]
