"""A chat as a file: asked for by a member, made by a job, forgotten."""

from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from abdre.db import snapshot
from abdre.limits import limit
from chat_svc.errors import ChatExportPending, ChatNotFound, InvalidChat
from chat_svc.models import ChatExport
from chat_svc.models.exports import EXPORT_FAILED_AFTER, EXPORT_KEPT, ExportFormat
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.exporting import written_export

EXPORTS_PER_PERSON = {"limit": 10, "window_s": 24 * 3600}


def ask_for_chat_export(*, chat_id: UUID, user_id: UUID, form: str) -> ChatExport:
    """One at a time of each chat; whatever the member may read. Raises ChatNotFound, InvalidChat, ChatExportPending."""
    membership_or_refusal(chat_id, user_id)
    if form not in ExportFormat.values:
        raise InvalidChat("format", _("One of json, html."))
    own = ChatExport.objects.filter(chat_id=chat_id, user_id=user_id, made_at=None)
    own.filter(asked_at__lte=timezone.now() - EXPORT_FAILED_AFTER).delete()
    if own.exists():
        raise ChatExportPending
    limit("chat-export", str(user_id), **EXPORTS_PER_PERSON)
    try:
        with transaction.atomic():
            export = ChatExport.objects.create(chat_id=chat_id, user_id=user_id, format=form)
            make_chat_export.enqueue(str(chat_id), str(export.id))
    except IntegrityError as problem:  # pressed twice at once
        raise ChatExportPending from problem
    return export


@task()
def make_chat_export(chat_id: str, export_id: str) -> None:
    waiting = ChatExport.objects.filter(id=export_id, made_at=None)
    export = waiting.first()
    if export is None:  # made by a worker that died before it could say so, or gone with the chat
        return
    with suppress(ChatNotFound):  # out of the chat meanwhile, or the chat is gone
        with snapshot():
            written = written_export(chat_id=UUID(chat_id), user_id=export.user_id, form=export.format)
        waiting.update(archive=written, size_bytes=len(written), made_at=timezone.now())


def old_chat_exports() -> QuerySet[ChatExport]:
    return ChatExport.objects.filter(asked_at__lte=timezone.now() - EXPORT_KEPT)


def forget_chat_exports() -> None:
    """What was asked for a week ago goes. Runs now and then."""
    old_chat_exports().delete()
