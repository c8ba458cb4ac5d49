"""Whom a deed concerns reads of it: once for each deed and person. Bots read nothing."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from chat_svc.models import ModerationEntry
from user_svc.selectors import users_by_id
from user_svc.services import NoticeKind, tell_staff_notice


def tell_people(
    entry: ModerationEntry, kind: NoticeKind, user_ids: Iterable[UUID], *, until: dt.datetime | None = None
) -> None:
    """Part of the deed's transaction."""
    for user_id, person in users_by_id(user_ids).items():
        if not person.is_bot:
            tell_staff_notice(user_id=user_id, kind=kind, reason=entry.reason, chat_id=entry.chat_id, until=until)
