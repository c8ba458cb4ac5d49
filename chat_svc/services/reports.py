"""People report what they see to the staff of the installation; who is reported is not told."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abdre.limits import limit
from chat_svc.errors import InvalidMessage, MessageNotFound, TargetNotFound
from chat_svc.events import ReportNews, message_json
from chat_svc.models import NOTE_LIMIT, WAITING, Membership, MessageKind, Reason, Report, TargetKind
from chat_svc.rights import Action, require
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.edits import edits_between
from chat_svc.selectors.readable import readable
from chat_svc.services.alerts import tell_staff
from user_svc.errors import UserNotFound
from user_svc.selectors import visible_user

NEIGHBOURS = 3  # before the message, and after it
PER_HOUR = 20


def report_message(*, chat_id: UUID, reporter_id: UUID, seq: int, reason: str, note: str = "") -> tuple[Report, bool]:
    """(the report, whether it is new): while the first one waits, it is answered. Also in a chat that is over.

    Raises ChatNotFound, MessageNotFound, NotAllowed, InvalidMessage, TooMany.
    """
    membership = membership_or_refusal(chat_id, reporter_id)
    require(Action.REPORT, chat=membership.chat, membership=membership)
    said = readable(membership).exclude(kind=MessageKind.SYSTEM).filter(seq=seq, deleted_at=None).first()
    if said is None:
        raise MessageNotFound
    if said.sender_id == reporter_id:
        raise InvalidMessage("seq", _("This is a message of your own."))
    target = {"target_kind": TargetKind.MESSAGE, "target_id": said.sender_id, "chat_id": chat_id, "seq": seq}
    return _reported(reporter_id, target, reason, note, snapshot=_snapshot(membership, seq))


def report_target(*, kind: str, target_id: UUID, reporter_id: UUID, reason: str, note: str = "") -> tuple[Report, bool]:
    """A person or an invitation that the reporter may see; as `report_message`. Raises TargetNotFound too."""
    if kind == TargetKind.PERSON:
        _check_person(target_id, reporter_id)
    elif kind == TargetKind.INVITATION:
        _check_invitation(target_id, reporter_id)
        return report_invitation(invitation_id=target_id, reporter_id=reporter_id, reason=reason, note=note)
    else:
        raise InvalidMessage("kind", _("One of person, invitation."))
    return _reported(reporter_id, {"target_kind": kind, "target_id": target_id}, reason, note)


def report_invitation(*, invitation_id: UUID, reporter_id: UUID, reason: str, note: str = "") -> tuple[Report, bool]:
    """One that the reporter has before them, as the caller has made sure. Raises InvalidMessage, TooMany."""
    target = {"target_kind": TargetKind.INVITATION, "target_id": invitation_id}
    return _reported(reporter_id, target, reason, note)


def _check_person(user_id: UUID, reporter_id: UUID) -> None:
    if user_id == reporter_id:
        raise InvalidMessage("id", _("This is you."))
    try:
        visible_user(user_id=user_id, asked_by=reporter_id)
    except UserNotFound as problem:
        raise TargetNotFound from problem


def _check_invitation(invitation_id: UUID, reporter_id: UUID) -> None:
    """Invitations are auth_svc's, above us: the settings name who is asked."""
    if not import_string(settings.SEES_INVITATION)(invitation_id, reporter_id):
        raise TargetNotFound


def _reported(
    reporter_id: UUID, target: Mapping[str, Any], reason: str, note: str, *, snapshot: Any = None
) -> tuple[Report, bool]:
    if reason not in Reason.values:
        raise InvalidMessage("reason", _("One of %(reasons)s.") % {"reasons": ", ".join(Reason.values)})
    if len(note) > NOTE_LIMIT or "\0" in note:
        raise InvalidMessage("note", _("At most 1,000 characters."))
    waiting = Report.objects.filter(state__in=WAITING)  # what happens after it was closed is for the staff to hear anew
    known = waiting.filter(Q(**target), reporter_id=reporter_id).first()
    if known is not None:
        return known, False
    limit("reports", str(reporter_id), limit=PER_HOUR, window_s=3600)
    facts = {"reason": reason, "note": note.strip(), "snapshot": snapshot}
    with transaction.atomic():
        report, is_new = waiting.get_or_create(**target, reporter_id=reporter_id, defaults=facts)
        if is_new:
            tell_staff(ReportNews.CREATED)
    return report, is_new


def _snapshot(membership: Membership, seq: int) -> list[Any]:
    """The message and what stands around it, as far as the reporter may see it; with what each said before it was
    edited, which is for the staff alone."""
    first, last = seq - NEIGHBOURS, seq + NEIGHBOURS
    around = readable(membership).filter(seq__range=(first, last)).select_related("sender").order_by("seq")
    edits = edits_between(chat_id=membership.chat_id, first=first, last=last)
    return [{**message_json(message), "edits": edits.get(message.seq, [])} for message in around]


def forget_reporter(*, user_id: UUID) -> None:
    """Who has left for good. What waits for the staff waits, without what they said themselves beside it."""
    own = Report.objects.filter(reporter_id=user_id)
    own.filter(closed_at__isnull=False).delete()
    for report in own.filter(snapshot__isnull=False):
        others = [said for said in report.snapshot or [] if said["sender"]["id"] != str(user_id)]
        own.filter(id=report.id).update(snapshot=others)


def old_reports() -> QuerySet[Report]:
    """Closed so long ago that what they hold of messages is kept no longer; what waits for the staff waits."""
    if not settings.REPORTS_KEPT_DAYS:
        return Report.objects.none()
    return Report.objects.filter(closed_at__lte=timezone.now() - timedelta(days=settings.REPORTS_KEPT_DAYS))


def forget_closed_reports() -> int:
    """Answers how many. Called by the clock. The moderation log keeps what was done about them."""
    return old_reports().delete()[0]
