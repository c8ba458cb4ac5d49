"""A card below a message: what the page behind its first link says of itself, looked up by the worker, or taken off.

A job for each message, stored with it. What it found is dropped where the message says something else by then.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from chat_svc.errors import ChatNotFound, MessageDeleted, NotYourMessage
from chat_svc.events import LinkPreviewJson, MessageJson, PreviewPictureJson, message_json
from chat_svc.files import store
from chat_svc.files.images import SMALLER_TYPE
from chat_svc.files.kinds import FileKind
from chat_svc.models import PREVIEW_POSITION, Attachment, Chat, Message, Progress
from chat_svc.rights import Action, may
from chat_svc.services.changing import changed, found
from chat_svc.services.link_lookups import AskLater, Looked, LookedPicture, looked_up
from chat_svc.webpages import first_link, may_lead_out

# Nobody waits for a card: letters and archives go first, and one thread does not do cards at all (abdre/jobs.py).
PRIORITY = -10
# A host that everybody asks for is free again every minute.
ASK_AGAIN_TIMES = 10


class NotWanted(Exception):
    """The message says something else by now, has its card, is gone, or shall have none."""


def also_for(body: str) -> Callable[[Message], None] | None:
    """What is written with a new message."""
    return queue_preview if settings.LINK_PREVIEWS and may_lead_out(body) else None


def queue_preview(message: Message) -> None:
    """Part of the transaction that stores what the message says."""
    if settings.LINK_PREVIEWS and _wanted(message):
        show_preview.enqueue(str(message.chat_id), message.seq)


def _wanted(message: Message) -> str:
    """The link that is to be looked up, or nothing."""
    extras = message.extras or {}
    if message.deleted_at is not None or "link_preview" in extras or "link_preview_removed" in extras:
        return ""
    return first_link(message.body, extras.get("html", ""))


def preview_after_edit(message: Message, body: str, html: str) -> dict[str, Any]:
    """What stays of a card, or of its being taken off: all while the link is the same; under the chat's lock."""
    before = first_link(message.body, (message.extras or {}).get("html", ""))
    if first_link(body, html) == before:
        return {}
    return _without_card(message, is_removed=False)


def _without_card(message: Message, *, is_removed: bool) -> dict[str, Any]:
    card = (message.extras or {}).get("link_preview")
    if card and card["picture"]:
        Attachment.objects.filter(id=card["picture"]["id"]).drop()
    return {"link_preview": None, "link_preview_removed": is_removed}


def remove_preview(*, chat_id: UUID, actor_id: UUID, seq: int) -> MessageJson:
    """By who said it, or who may take others' off; none comes again for the same link.

    Raises ChatNotFound, ChatOver, MessageNotFound, NotAllowed, NotYourMessage, MessageDeleted.
    """
    with transaction.atomic():
        chat, membership, message = found(chat_id, actor_id, seq)
        may_any = may(Action.REMOVE_PREVIEW, role=membership.role, kind=chat.kind)
        if message.sender_id != actor_id and not may_any:
            raise NotYourMessage
        if message.deleted_at is not None:
            raise MessageDeleted
        if not ("link_preview" in (message.extras or {}) or _wanted(message)):
            return message_json(message)
        return changed(chat, message, extras=message.extras_with(**_without_card(message, is_removed=True)))


@task(priority=PRIORITY)
def show_preview(chat_id: str, seq: int, times_asked: int = 0) -> None:
    message = Message.objects.filter(chat_id=chat_id, seq=seq).first()
    url = _wanted(message) if message and settings.LINK_PREVIEWS else ""
    if not message or not url:
        return
    try:
        looked = looked_up(url, by=message.sender_id, is_counted=times_asked > 0)
    except AskLater as later:
        if times_asked < ASK_AGAIN_TIMES:
            run_after = timezone.now() + timedelta(seconds=later.in_s)
            show_preview.using(run_after=run_after).enqueue(chat_id, seq, times_asked + 1)
        return
    if looked:
        _show(message.chat_id, seq, url, looked)


def _show(chat_id: UUID, seq: int, url: str, looked: Looked) -> None:
    """The picture's row comes before its bytes; both go where no card comes of it, for whatever reason."""
    with suppress(NotWanted, ChatNotFound), ExitStack() as undo:
        kept: Attachment | None = None
        if looked.picture and store.has_room(len(looked.picture.data)):
            kept = _begun(chat_id, seq, url, looked.picture)
            undo.callback(_erase, kept.id)
            store.save(kept.id, "file", looked.picture.data)
        _put(chat_id, seq, url, looked, kept)
        undo.pop_all()


def _erase(attachment_id: UUID) -> None:
    """Dropped first: where its bytes cannot be reached, the sweep takes them later."""
    own = Attachment.objects.filter(id=attachment_id)
    own.drop()
    store.erase(attachment_id)
    own.delete()


def _begun(chat_id: UUID, seq: int, url: str, picture: LookedPicture) -> Attachment:
    """Raises NotWanted, ChatNotFound."""
    with transaction.atomic():
        chat, message = _locked(chat_id, seq, url)
        return Attachment.objects.create(
            chat=chat,
            uploader_id=message.sender_id,
            of_preview=True,
            name="preview.webp",
            size=len(picture.data),
            kind=FileKind.IMAGE,
            content_type=SMALLER_TYPE,
            width=picture.width,
            height=picture.height,
        )


def _put(chat_id: UUID, seq: int, url: str, looked: Looked, kept: Attachment | None) -> None:
    """Raises NotWanted, ChatNotFound."""
    with transaction.atomic():
        chat, message = _locked(chat_id, seq, url)
        if kept:
            own = Attachment.objects.filter(id=kept.id)
            own.update(message_seq=seq, position=PREVIEW_POSITION, state=Progress.READY, received=kept.size)
        changed(chat, message, extras=message.extras_with(link_preview=_card(url, looked, kept)))


def _locked(chat_id: UUID, seq: int, url: str) -> tuple[Chat, Message]:
    """The chat, locked, and the message, which still wants the card for `url`. Raises NotWanted, ChatNotFound."""
    chat = Chat.objects.locked(chat_id)
    message = Message.objects.select_related("sender").filter(chat=chat, seq=seq).first()
    if message is None or chat.is_over or _wanted(message) != url:
        raise NotWanted
    return chat, message


def _card(url: str, looked: Looked, kept: Attachment | None) -> LinkPreviewJson:
    return {
        "url": url,
        "title": looked.title,
        "description": looked.description,
        "site_name": looked.site_name,
        "picture": _picture_json(kept) if kept else None,
    }


def _picture_json(kept: Attachment) -> PreviewPictureJson:
    assert kept.width is not None  # of an image both are known
    assert kept.height is not None
    return {"id": str(kept.id), "width": kept.width, "height": kept.height}
