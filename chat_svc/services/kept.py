"""What of chats is kept for a time."""

from collections.abc import Iterator
from uuid import UUID

from abdre.retention import Kept, always, by_setting, rows
from chat_svc.models.attachments import UNSENT_KEPT
from chat_svc.models.exports import EXPORT_KEPT
from chat_svc.models.held import DECIDED_KEPT
from chat_svc.selectors.retention import due_chats, due_files, due_messages
from chat_svc.services.attachments import erase_dropped_files
from chat_svc.services.edits import forget_old_edits, old_edits
from chat_svc.services.exporting import forget_chat_exports, old_chat_exports
from chat_svc.services.holding import forget_held_messages, old_held_messages
from chat_svc.services.keeping import forget_kept_messages, old_kept_messages
from chat_svc.services.reminders import TOLD_KEPT, forget_told_reminders, old_reminders
from chat_svc.services.reports import forget_closed_reports, old_reports
from chat_svc.services.retention import prune


def _messages_kept() -> str:
    return f"{by_setting('MESSAGES_KEPT_DAYS')()}, or less, as the chat says"


def _prune(chat_id: UUID | None) -> Iterator[int]:
    return prune(due_chats(chat_id))


def _erase_files(_chat: UUID | None) -> Iterator[int]:
    while count := erase_dropped_files():
        yield count


KEPT = [
    Kept("Messages", _messages_kept, due_messages, _prune, is_in_chats=True),
    Kept("Files in no message (any more)", always(UNSENT_KEPT), due_files, _erase_files, is_in_chats=True),
    rows(
        "What messages said before they were edited",
        by_setting("EDITS_KEPT_DAYS", zero_is_ever=False),
        old_edits,
        forget_old_edits,
    ),
    rows(
        "What messages said that moderators deleted",
        by_setting("EDITS_KEPT_DAYS", zero_is_ever=False),
        old_kept_messages,
        forget_kept_messages,
    ),
    rows("Reports, once closed", by_setting("REPORTS_KEPT_DAYS"), old_reports, forget_closed_reports),
    rows("Held messages, once decided on", always(DECIDED_KEPT), old_held_messages, forget_held_messages),
    rows("Reminders, once given", always(TOLD_KEPT), old_reminders, forget_told_reminders),
    rows("Chats as a file", always(EXPORT_KEPT), old_chat_exports, forget_chat_exports),
]
