"""What somebody has begun to write is kept for their other devices; the last word counts. Nobody else hears."""

from uuid import UUID

from abdre.events import publish, user_group
from chat_svc.events import DraftJson, draft_changed, draft_json
from chat_svc.models import Draft
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.services.messages import checked_body, checked_reply


def save_draft(*, chat_id: UUID, user_id: UUID, body: str, reply_to: int | None = None) -> DraftJson:
    """Raises ChatNotFound, ChatOver, InvalidMessage."""
    checked_reply(reply_to)
    checked = checked_body(body)
    membership = membership_or_refusal(chat_id, user_id)
    membership.chat.refuse_if_over()
    draft = Draft(membership=membership, body=checked, reply_to=reply_to)
    # One statement: of two devices that save at once, the later one's words stay.
    changed = ["body", "reply_to", "saved_at"]
    Draft.objects.bulk_create([draft], update_conflicts=True, unique_fields=["membership"], update_fields=changed)
    saved = draft_json(draft)
    publish(user_group(user_id), draft_changed(chat_id, saved))
    return saved


def drop_draft(*, chat_id: UUID, user_id: UUID) -> None:
    """It was sent, or thought better of. Raises ChatNotFound."""
    membership = membership_or_refusal(chat_id, user_id)
    if Draft.objects.filter(membership=membership).delete()[0]:
        publish(user_group(user_id), draft_changed(chat_id, None))
