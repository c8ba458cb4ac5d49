"""What stands in the export of a chat: all that its member may read, as JSON or as one HTML page."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Literal, TypedDict
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from abdre.wire import Id, Moment, utc
from chat_svc.errors import ChatExportNotFound
from chat_svc.events import MessageJson, message_json, summary_json
from chat_svc.models import ChatExport, Membership
from chat_svc.models.exports import EXPORT_KEPT, ExportFormat
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable

ROWS_AT_ONCE = 1_000
# It opens nothing and asks nobody, wherever it is looked at; the style is its own.
HEAD = """<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{}</title>
<style>
body {{ max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color-scheme: light dark; }}
article {{ margin: 0 0 1rem; }} header, footer {{ font-size: .85rem; opacity: .75; }}
div {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head><body><h1>{}</h1><p>{}</p>
"""


class ChatExportJson(TypedDict):
    """`size_bytes` is 0 until it is made, which it is for a week."""

    id: Id
    format: Literal["json", "html"]
    status: Literal["waiting", "ready", "failed"]
    asked_at: Moment
    made_at: Moment | None
    size_bytes: int


def chat_exports(*, chat_id: UUID, user_id: UUID) -> list[ChatExport]:
    """One's own of this chat, the newest first, without what stands in them. Raises ChatNotFound."""
    membership_or_refusal(chat_id, user_id)
    own = ChatExport.objects.filter(chat_id=chat_id, user_id=user_id, asked_at__gt=timezone.now() - EXPORT_KEPT)
    return list(own.defer("archive"))


def chat_export_file(*, chat_id: UUID, user_id: UUID, export_id: UUID) -> ChatExport:
    """For who is still in the chat. Raises ChatNotFound, ChatExportNotFound."""
    membership_or_refusal(chat_id, user_id)
    export = ChatExport.objects.filter(chat_id=chat_id, user_id=user_id, id=export_id).exclude(made_at=None).first()
    if export is None:
        raise ChatExportNotFound
    return export


def chat_export_json(export: ChatExport) -> ChatExportJson:
    return {
        "id": str(export.id),
        "format": export.format,  # type: ignore[typeddict-item]  # the model's choices
        "status": export.status(timezone.now()),  # type: ignore[typeddict-item]
        "asked_at": utc(export.asked_at),
        "made_at": utc(export.made_at),
        "size_bytes": export.size_bytes,
    }


def written_export(*, chat_id: UUID, user_id: UUID, form: str) -> bytes:
    """As a zip of one file. The rows pass some at a time; the zip itself is in memory. Raises ChatNotFound."""
    membership = membership_or_refusal(chat_id, user_id)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as written:
        with written.open(f"chat.{form}", "w", force_zip64=True) as file:
            for piece in (_html if form == ExportFormat.HTML else _json)(membership):
                file.write(piece.encode())
    return buffer.getvalue()


def _messages(membership: Membership) -> Iterator[MessageJson]:
    rows = readable(membership).select_related("sender").order_by("seq")
    return (message_json(message) for message in rows.iterator(ROWS_AT_ONCE))


def _json(membership: Membership) -> Iterator[str]:
    facts = {"exported_at": utc(timezone.now()), "chat": summary_json(membership.chat)}
    yield json.dumps(facts, ensure_ascii=False)[:-1] + ', "messages": [\n'
    before = ""
    for message in _messages(membership):
        yield before + json.dumps(message, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _html(membership: Membership) -> Iterator[str]:
    title = membership.chat.title or _("Chat")
    exported = _("Exported %(moment)s (UTC)") % {"moment": f"{timezone.now():%Y-%m-%d %H:%M}"}
    yield format_html(HEAD, title, title, exported)
    for message in _messages(membership):
        yield _article(message)
    yield "</body></html>\n"


def _article(message: MessageJson) -> SafeString:
    """Every word of it is escaped; a picture or a file is named and not there."""
    body = _("This message was deleted.") if message["deleted_at"] else message["body"]
    reply = format_html(' · <a href="#m{0}">↩ {0}</a>', message["reply_to"]) if message["reply_to"] else ""
    files = [file for file in message["attachments"] if isinstance(file, dict)]
    return format_html(
        '<article id="m{}"><header>{} <b>{}</b>{}</header><div dir="auto">{}</div>{}</article>\n',
        message["seq"],
        message["created_at"][:16].replace("T", " "),
        message["sender"]["display_name"],
        reply,
        body,
        format_html_join("", "<footer>📎 {} ({})</footer>", ((f.get("name", ""), f.get("size", "")) for f in files)),
    )
