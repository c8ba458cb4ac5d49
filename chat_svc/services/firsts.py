"""Who has written in a chat for the first time, as found out after it was stored: no message waits for that."""

from uuid import UUID

from chat_svc.models import Message, MessageKind
from chat_svc.writer.firsts import First, take

# A tenth of a millisecond each.
AT_ONCE = 200


def newly_heard() -> list[tuple[UUID, UUID]]:
    """Chats and the people who wrote there for the first time, stored by this process since this was last asked."""
    return [(first.chat_id, first.sender_id) for first in take(AT_ONCE) if not _has_written_before(first)]


def _has_written_before(first: First) -> bool:
    said = Message.objects.filter(chat_id=first.chat_id, sender_id=first.sender_id, kind=MessageKind.TEXT)
    # In the order of the index that begins with chat and sender: by seq, all that the others said would be read.
    earlier = said.filter(seq__lt=first.seq).order_by("client_id").values_list("seq", flat=True)
    return earlier.first() is not None
