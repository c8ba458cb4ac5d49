"""The moderation log as a file for spreadsheets: the entries that the list is narrowed to, read while it is sent."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from abdre.db import in_thread
from auth_svc.admin.deeds.screen import staff_of
from chat_svc.errors import NotStaff
from chat_svc.services import moderation
from user_svc.selectors import users_by_id

if TYPE_CHECKING:
    from auth_svc.admin.log import EntryAdmin

AT_ONCE = 1_000
COLUMNS = (
    *("id", "at", "deed", "actor_id", "actor", "person_id", "person", "chat_id", "seq", "target_id", "report_id"),
    *("reason", "address", "undoes", "details"),
)
# With these a spreadsheet begins a formula (OWASP, "CSV Injection"), the wide ones as well.
BEGINS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def exported(request: HttpRequest, admin: EntryAdmin) -> HttpResponseBase:
    """By POST, since it is noted: a link that is only looked at notes nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        last = moderation.note_export(by=staff_of(request))
    except NotStaff:
        return render(request, "admin/forbidden.html", admin.admin_site.each_context(request), status=403)
    rows = admin.get_changelist_instance(request).get_queryset(request).filter(pk__lt=last.pk)
    answer = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="moderation-log-{timezone.now():%Y-%m-%d}.csv"'
    return answer


async def lines(rows: QuerySet[Any]) -> AsyncIterator[str]:
    """The newest first. By its mark a spreadsheet knows that this is UTF-8."""
    yield "\ufeff" + written([COLUMNS])
    while page := await in_thread(page_of, rows):
        yield written(page)
        rows = rows.filter(pk__lt=page[-1][0])


def page_of(rows: QuerySet[Any]) -> list[list[Any]]:
    entries = list(rows.order_by("-pk")[:AT_ONCE])
    people = users_by_id({user_id for entry in entries for user_id in (entry.actor_id, entry.person_id) if user_id})
    return [cells_of(entry, {user_id: person.display_name for user_id, person in people.items()}) for entry in entries]


def cells_of(entry: Any, names: dict[Any, str]) -> list[Any]:
    facts = {
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": names.get(entry.actor_id),
        "person": names.get(entry.person_id),
        "seq": entry.seq or None,
        "details": json.dumps(entry.details, ensure_ascii=False) if entry.details else None,
    }
    return [facts[name] if name in facts else getattr(entry, name) for name in COLUMNS]


def written(rows: Any) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: Any) -> str:
    """As text that no spreadsheet computes."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text
