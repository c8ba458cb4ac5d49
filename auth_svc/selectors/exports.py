"""Questions about archives: which there are, and what stands in one."""

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO, Any, TypedDict
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abdre.wire import Id, Moment, utc
from auth_svc.errors.exports import ExportNotFound
from auth_svc.models import Export, Invitation, InvitationUse, Knock, Session
from auth_svc.models.exports import ExportStatus
from auth_svc.selectors.devices import device_of
from auth_svc.selectors.tokens import bots_json, tokens_of
from chat_svc.selectors import own_files, own_memberships, own_messages
from user_svc.selectors import own_profile

Row = dict[str, Any]


class ExportJson(TypedDict):
    """`size_bytes` is 0 until it is made, which it is for a week."""

    id: Id
    status: ExportStatus
    asked_at: Moment
    made_at: Moment | None
    expires_at: Moment | None
    size_bytes: int


def exports_of(user_id: UUID) -> list[Export]:
    """The newest first, without what stands in them."""
    return list(Export.objects.of(user_id).exclude(id__in=Export.objects.old(timezone.now())).defer("archive"))


def export_json(export: Export) -> ExportJson:
    return {
        "id": str(export.id),
        "status": export.status(timezone.now()),
        "asked_at": utc(export.asked_at),
        "made_at": utc(export.made_at),
        "expires_at": utc(export.expires_at),
        "size_bytes": export.size_bytes,
    }


def archive(*, export_id: UUID, user_id: UUID) -> Export:
    """One's own, with what stands in it. Raises ExportNotFound."""
    export = Export.objects.of(user_id).ready(timezone.now()).filter(id=export_id).first()
    if export is None:
        raise ExportNotFound
    return export


def written_archive(user_id: UUID) -> bytes:
    """All that is known of the person, as a zip of JSON. The rows pass one by one; the zip itself is in memory."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as written:
        written.writestr("README.txt", _readme())
        for name, part in _parts(user_id):
            with written.open(name, "w", force_zip64=True) as file:
                _write(file, part)
    return buffer.getvalue()


def _parts(user_id: UUID) -> Iterator[tuple[str, Row | Iterable[Any]]]:
    yield "profile.json", own_profile(user_id)
    yield "account.json", _account(user_id)
    yield "sessions.json", _sessions(user_id)
    yield "invitations_made.json", _invitations_made(user_id)
    yield "invitations_used.json", _invitations_used(user_id)
    yield "knocks.json", _knocks(user_id)
    yield "chats.json", own_memberships(user_id)
    yield "messages.json", own_messages(user_id)
    yield "files.json", own_files(user_id)


def _write(file: IO[bytes], part: Row | Iterable[Any]) -> None:
    if isinstance(part, dict):
        file.write(_json(part) + b"\n")
        return
    before = b"[\n"
    for row in part:
        file.write(before + _json(row))
        before = b",\n"
    file.write(b"\n]\n" if before != b"[\n" else b"[]\n")


def _json(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def _account(user_id: UUID) -> Row:
    """How the person signs in, but nothing by which somebody could."""
    addresses = EmailAddress.objects.filter(user_id=user_id).order_by("id")
    factors = Authenticator.objects.filter(user_id=user_id).order_by("id")
    return {
        "addresses": [
            {"email": address.email, "verified": address.verified, "primary": address.primary} for address in addresses
        ],
        "factors": [
            {
                "kind": factor.type,
                "name": str(factor.data.get("name", "")),
                "added_at": utc(factor.created_at),
                "last_used_at": utc(factor.last_used_at),
            }
            for factor in factors
        ],
        "linked_accounts": import_string(settings.LINKED_ACCOUNTS)(user_id),
        "personal_tokens": tokens_of(user_id),
        "bots": bots_json(user_id),
    }


def _sessions(user_id: UUID) -> Iterator[Row]:
    for session in Session.objects.of(user_id).iterator():
        yield {
            "device": device_of(session.user_agent),
            "network": session.address,
            "created_at": utc(session.created_at),
            "last_used_at": utc(session.last_used_at),
            "expires_at": utc(session.expires_at),
            "ended_at": utc(session.ended_at),
        }


def _invitations_made(user_id: UUID) -> Iterator[Row]:
    for invitation in Invitation.objects.of(user_id).select_related("chat").iterator():
        yield {
            "chat": str(invitation.chat_id) if invitation.chat_id else None,
            "title": invitation.chat.title if invitation.chat else "",
            "label": invitation.label,
            "created_at": utc(invitation.created_at),
            "expires_at": utc(invitation.expires_at),
            "revoked_at": utc(invitation.revoked_at),
            "uses": invitation.uses,
            "max_uses": invitation.max_uses,
        }


def _invitations_used(user_id: UUID) -> Iterator[Row]:
    uses = InvitationUse.objects.filter(user_id=user_id).select_related("invitation__chat", "invitation__created_by")
    for use in uses.iterator():
        yield {
            "chat": str(use.invitation.chat_id) if use.invitation.chat_id else None,
            "title": use.invitation.chat.title if use.invitation.chat else "",
            "invited_by": use.invitation.created_by.display_name,
            "joined_at": utc(use.joined_at),
        }


def _knocks(user_id: UUID) -> Iterator[Row]:
    knocks = Knock.objects.filter(user_id=user_id).select_related("invitation__chat", "invitation__created_by")
    for knock in knocks.iterator():
        yield {
            "title": knock.invitation.chat.title if knock.invitation.chat else "",
            "invited_by": knock.invitation.created_by.display_name,
            "knocked_at": utc(knock.knocked_at),
            "state": knock.state,
        }


def _readme() -> str:
    return _(
        "This is what ABDRE Chat knows of you. Times are in UTC.\n\n"
        "profile.json            who you are to others\n"
        "account.json            your e-mail addresses, second factors, linked logins, tokens and bots\n"
        "sessions.json           the devices on which you were logged in\n"
        "invitations_made.json   codes that you made\n"
        "invitations_used.json   codes by which you came in\n"
        "knocks.json             codes at which you asked to be let in\n"
        "chats.json              the chats you are in, or were\n"
        "messages.json           all that you wrote; what you deleted has no text any more\n"
        "files.json              the files you sent; each can be saved from its chat\n"
    )
