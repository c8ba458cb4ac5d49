"""Codes as these tests know them: made by a host, shown to whoever holds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from auth_svc.models import Invitation, InvitationUse
from auth_svc.tests.people import Visitor

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

INVITATIONS = "/api/auth/invitations"
PRESS = "0123456789abcdef"

Code = dict[str, Any]
Told = list[tuple[str, dict[str, Any]]]


def invite(host: Visitor, chat: UUID, **options: Any) -> Code:
    response = host.post(INVITATIONS, {"chat": str(chat), **options})
    assert response.status_code == 201, response.content
    code: Code = response.json()
    return code


def accept(who: Visitor, code: Code, display_name: str = "Гость", **headers: str) -> Response:
    return who.post(f"{INVITATIONS}/accept", {"token": code["token"], "display_name": display_name}, **headers)


def preview(who: Visitor, code: Code) -> dict[str, Any]:
    response = who.post(f"{INVITATIONS}/preview", {"token": code["token"]})
    assert response.status_code == 200, response.content
    shown: dict[str, Any] = response.json()
    return shown


def path_of(code: Code, rest: str = "") -> str:
    return f"{INVITATIONS}/{code['id']}{rest}"


def row(code: Code) -> Invitation:
    return Invitation.objects.get(id=code["id"])


def let_time_pass(code: Code, **lifetime: float) -> None:
    """As if the code had been made so much earlier."""
    earlier = timedelta(**lifetime)
    invitation = row(code)
    invitation.created_at -= earlier
    if invitation.expires_at:
        invitation.expires_at -= earlier
    invitation.save(update_fields=["created_at", "expires_at"])


def let_expire(code: Code) -> None:
    expires_at = row(code).expires_at
    assert expires_at
    let_time_pass(code, seconds=(expires_at - timezone.now()).total_seconds() + 1)


def let_two_minutes_pass() -> None:
    """As if everybody had come in so much earlier."""
    InvitationUse.objects.update(joined_at=F("joined_at") - timedelta(seconds=121))


def events_for(who: Visitor, told: Told) -> list[dict[str, Any]]:
    """What the person heard about codes."""
    heard = [event for group, event in told if group == f"user.{who.id}"]
    return [event for event in heard if event["type"].startswith("invitation.")]


def types(events: Iterable[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("invitation.") for event in events]
