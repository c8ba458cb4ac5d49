"""Errors in people's browsers: noted without anybody's secrets, counted by kind, forgotten after a month."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from abdre.limits import limit
from auth_svc.models import ClientError
from auth_svc.models.client_errors import BROWSER_LENGTH, MESSAGE_LENGTH, PATH_LENGTH, STACK_LENGTH
from auth_svc.services.scrubbing import scrub, scrub_stack

# A page reports five at most; whoever opens page after page of a broken release has been heard by then.
REPORTS_PER_SUBJECT = {"limit": 60, "window_s": 600}
# By everybody together: a release breaks in some ways, somebody who invents errors in any number.
KINDS = {"limit": 200, "window_s": 3600}
KEPT_FOR = timedelta(days=30)
KINDS_KEPT = 2_000


@dataclass(frozen=True)
class Report:
    """What a browser says of one error, as it came."""

    message: str
    file: str
    line: int
    column: int
    stack: str
    page: str
    version: str
    request_id: str


def report_client_error(report: Report, *, browser: str, user_id: UUID | None, address: str) -> None:
    """Count the error, with where it was met last. Raises TooMany."""
    limit("client-error", str(user_id or address), **REPORTS_PER_SUBJECT)
    kind = _kind(report)
    fingerprint = hashlib.sha256(json.dumps([*kind.values()]).encode()).hexdigest()
    last = {
        "last_at": timezone.now(),
        "page": scrub(report.page)[:PATH_LENGTH],
        "browser": browser[:BROWSER_LENGTH].replace("\0", ""),
        "request_id": report.request_id,
        "user_id": user_id,
    }
    if _count(fingerprint, last):
        return
    limit("client-error.kind", "all", **KINDS)
    stack = scrub_stack(report.stack)[:STACK_LENGTH]
    new = ClientError(fingerprint=fingerprint, **kind, column=report.column, stack=stack)
    with transaction.atomic():
        # Whoever else met it at this moment may have been first; both are counted.
        ClientError.objects.bulk_create([new], ignore_conflicts=True)
        _count(fingerprint, last)


def forget_client_errors() -> int:
    """Delete what nobody met for a month, and of too many kinds the longest unseen. Runs now and then."""
    return old_client_errors().delete()[0]


def old_client_errors() -> QuerySet[ClientError]:
    kept = ClientError.objects.order_by("-last_at").values("id")[:KINDS_KEPT]
    return ClientError.objects.filter(Q(last_at__lt=timezone.now() - KEPT_FOR) | ~Q(id__in=kept))


def _kind(report: Report) -> dict[str, Any]:
    return {
        "message": scrub(report.message)[:MESSAGE_LENGTH],
        "file": scrub(report.file)[:PATH_LENGTH],
        "line": report.line,
        "version": report.version,
    }


def _count(fingerprint: str, last: dict[str, Any]) -> bool:
    """Whether the kind was known."""
    return bool(ClientError.objects.filter(fingerprint=fingerprint).update(count=F("count") + 1, **last))
