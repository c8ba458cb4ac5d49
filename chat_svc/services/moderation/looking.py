"""Staff looks at what was reported or held, and at what only the operator's setting opens: each look is noted."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from chat_svc.errors import ChatNotFound, NotAllowed, ReportNotFound, SecondFactorMissing
from chat_svc.models import Chat, Deed, ModerationEntry, Report, Right
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.edits import EditJson, edits
from chat_svc.selectors.for_staff import chats_in_view
from chat_svc.selectors.waiting_reports import is_about
from chat_svc.services.moderation.log import note
from chat_svc.services.moderation.staff import Staff, may, require_right
from user_svc.selectors import user_by_id

# Whoever loads the page anew goes on with the same look.
ONE_LOOK = timedelta(minutes=10)


def look_at_report(*, by: Staff, report_id: UUID) -> None:
    """Before it is shown; to whom it is about there is none. Raises NotStaff, ReportNotFound."""
    require_right(by, Right.HANDLE_REPORTS)
    report = Report.objects.filter(id=report_id).exclude(is_about(by.id)).only("chat_id", "seq").first()
    if report is None:
        raise ReportNotFound
    if not _is_looking(by, report_id=report_id):
        note(Staff(by.id, address=by.address, report_id=report_id), Deed.LOOKED, chat_id=report.chat_id, seq=report.seq)


def read_chat(*, by: Staff, chat_id: UUID) -> None:
    """Before what is said in it is shown, whether or not anybody reported anything; where the operator allows no such
    thing, no chat is there. Raises NotStaff, ChatNotFound."""
    require_right(by, Right.HANDLE_REPORTS)
    if settings.MODERATORS_READ != "all" or not Chat.objects.filter(id=chat_id).exists():
        raise ChatNotFound
    if not _is_looking(by, chat_id=chat_id, details__read=True):
        note(Staff(by.id, address=by.address), Deed.LOOKED, chat_id=chat_id, read=True)


def read_edits(*, by: Staff, session_id: UUID, chat_id: UUID, seq: int) -> list[EditJson]:
    """What a reported message said before, for staff who have shown a second factor; of any message, where the
    operator lets staff read any chat. Raises ChatNotFound, NotAllowed, SecondFactorMissing, MessageNotFound.
    """
    if not may(user_by_id(by.id), Right.HANDLE_REPORTS) or not _is_open(by, chat_id, seq):
        membership_or_refusal(chat_id, by.id)
        raise NotAllowed
    if not import_string(settings.HAS_SHOWN_SECOND_FACTOR)(session_id):
        raise SecondFactorMissing
    found = edits(chat_id=chat_id, seq=seq)
    if not _is_looking(by, chat_id=chat_id, seq=seq):
        note(by, Deed.LOOKED, chat_id=chat_id, seq=seq)
    return found


def look_at_held(*, by: Staff, held_ids: Iterable[UUID]) -> None:
    """Before they are shown; once for each, as of what was reported. Raises NotStaff."""
    require_right(by, Right.MODERATE_MESSAGES)
    seen = _lately(by).filter(details__has_key="held").values_list("details", flat=True)
    known = {one for details in seen for one in details["held"]}
    if new := [str(one) for one in held_ids if str(one) not in known]:
        note(Staff(by.id, address=by.address), Deed.LOOKED, held=new)


def look_at_words(*, by: Staff, chat_id: UUID, seqs: Collection[int]) -> bool:
    """Before reported words are shown beside another deed: whether they may be, to this one of the staff."""
    if not may(user_by_id(by.id), Right.HANDLE_REPORTS):
        return False
    seen = _lately(by).filter(chat_id=chat_id, seq__in=seqs).values_list("seq", flat=True)
    for seq in sorted(set(seqs) - set(seen)):
        note(Staff(by.id, address=by.address), Deed.LOOKED, chat_id=chat_id, seq=seq)
    return True


def _is_open(by: Staff, chat_id: UUID, seq: int) -> bool:
    reported = Report.objects.filter(chat_id=chat_id, seq=seq).exclude(is_about(by.id))
    return settings.MODERATORS_READ == "all" or reported.exists()


def _is_looking(by: Staff, **at: UUID | bool | int) -> bool:
    return _lately(by).filter(**at).exists()


def _lately(by: Staff) -> QuerySet[ModerationEntry]:
    return ModerationEntry.objects.filter(deed=Deed.LOOKED, actor_id=by.id, at__gt=timezone.now() - ONE_LOOK)


def note_look_at_chat(*, by: Staff, chat_id: UUID) -> ModerationEntry | None:
    """At its facts. None where the chat is in view anyway. Raises NotStaff."""
    actor = require_right(by, Right.MODERATE_CHATS)
    if may(actor, Right.SEE_SYSTEM) or chats_in_view().filter(id=chat_id).exists():
        return None
    return note(by, Deed.LOOKED, chat_id=chat_id)
