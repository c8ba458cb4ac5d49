"""Files in a chat: which there are, and who may have their bytes now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _

from abdre.errors import Invalid
from abdre.wire import Id, Moment, utc
from chat_svc.errors import AttachmentNotFound, NotAMember
from chat_svc.events import AttachmentJson, attachment_json
from chat_svc.files.images import SMALLER_TYPE
from chat_svc.files.kinds import FileKind
from chat_svc.models import Attachment, Membership, Progress
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import readable_from
from user_svc.selectors import UserJson, user_by_id, user_json

VARIANTS = ("file", "large", "thumb")
# Long enough for a slow phone to begin with it; afterwards the chat is asked again.
SIGNED_FOR_S = 300
SALT = "chat_svc.attachments"
STAFF = "staff"  # in a token: not by a membership
CURSOR = re.compile(r"(\d{1,18})\.(\d{1,2})")


class SentFile(AttachmentJson):
    """`seq`: of the message it stands in."""

    seq: int
    sender: UserJson
    created_at: Moment
    chat: Id


class FilePage(TypedDict):
    """The newest first; `next` is the `before` of the next page, null on the last one."""

    items: list[SentFile]
    next: str | None


@dataclass(frozen=True)
class Served:
    """What to serve: `stored_as` names it in the store."""

    attachment_id: UUID
    stored_as: str
    name: str
    content_type: str
    is_shown: bool  # images and sounds may stand in a page; everything else is saved


def files_of(*, chat_id: UUID, user_id: UUID, before: str = "", kind: str = "", limit: int = 50) -> FilePage:
    """Those that stand in messages. Raises ChatNotFound, Invalid."""
    membership = membership_or_refusal(chat_id, user_id)
    sent = Attachment.objects.of_people().there().filter(chat_id=chat_id, message_seq__gte=readable_from(membership))
    sent = sent.select_related("uploader")
    if kind:
        sent = sent.filter(kind=kind)
    if before:
        seq, position = _cursor(before)
        sent = sent.filter(Q(message_seq__lt=seq) | Q(message_seq=seq, position__gt=position))
    rows = list(sent.order_by("-message_seq", "position")[: limit + 1])
    page = rows[:limit]
    return {
        "items": [_sent_json(attachment) for attachment in page],
        "next": f"{page[-1].message_seq}.{page[-1].position}" if len(rows) > limit else None,
    }


def _cursor(text: str) -> tuple[int, int]:
    match = CURSOR.fullmatch(text)
    if match is None:
        raise Invalid(fields={"before": [_("The `next` of an earlier page.")]})
    return int(match[1]), int(match[2])


def _sent_json(attachment: Attachment) -> SentFile:
    assert attachment.message_seq is not None  # only what stands in messages is listed
    return {
        **attachment_json(attachment),
        "chat": str(attachment.chat_id),
        "seq": attachment.message_seq,
        "sender": user_json(attachment.uploader),
        "created_at": utc(attachment.created_at),
    }


def signed_for(*, chat_id: UUID, user_id: UUID, attachment_id: UUID, variant: str) -> str:
    """By which a member gets the bytes within the next minutes. Raises ChatNotFound, AttachmentNotFound."""
    _readable(membership_or_refusal(chat_id, user_id), attachment_id)
    return signing.dumps([user_id.hex, variant], salt=_salt(chat_id, attachment_id))


def signed_for_staff(*, chat_id: UUID, user_id: UUID, attachment_id: UUID, variant: str) -> str:
    """The same, for staff who may read the message, as the caller has made sure."""
    return signing.dumps([user_id.hex, variant, STAFF], salt=_salt(chat_id, attachment_id))


def files_still_there(*, chat_id: UUID, ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that stand in a message of the chat."""
    found = Attachment.objects.filter(id__in=list(ids), chat_id=chat_id, state=Progress.READY, message_seq__gte=1)
    return set(found.values_list("id", flat=True))


def served(token: str, *, chat_id: UUID, attachment_id: UUID, asker_id: UUID | None) -> Served:
    """What was signed for somebody: it ends with time, the message, and their membership or their place among staff.

    Whoever comes as somebody else is refused; for nobody (a program that shows images) the address alone opens.
    Raises AttachmentNotFound.
    """
    try:
        user, variant, *staff = signing.loads(token, salt=_salt(chat_id, attachment_id), max_age=SIGNED_FOR_S)
    except signing.BadSignature as problem:
        raise AttachmentNotFound from problem
    user_id = UUID(user)
    if asker_id not in (None, user_id):
        raise AttachmentNotFound
    if staff:
        return _served(_said_to_staff(user_id, chat_id, attachment_id), variant)
    try:
        membership = membership_or_refusal(chat_id, user_id)
    except NotAMember as problem:
        raise AttachmentNotFound from problem
    return _served(_readable(membership, attachment_id), variant)


def _said_to_staff(user_id: UUID, chat_id: UUID, attachment_id: UUID) -> Attachment:
    """For who is staff still. Raises AttachmentNotFound."""
    reader = user_by_id(user_id)
    said = Attachment.objects.filter(id=attachment_id, chat_id=chat_id, state=Progress.READY, message_seq__gte=1)
    attachment = said.first()
    if attachment is None or not reader.is_staff or not reader.is_active or reader.banned_at:
        raise AttachmentNotFound
    return attachment


def _salt(chat_id: UUID, attachment_id: UUID) -> str:
    """So that it opens this file alone."""
    return f"{SALT}:{chat_id}:{attachment_id}"


def _readable(membership: Membership, attachment_id: UUID) -> Attachment:
    """In a message that the person may see; before that it is its uploader's alone. Raises AttachmentNotFound."""
    said = Q(message_seq__gte=readable_from(membership))
    own = Q(message_seq__isnull=True, uploader_id=membership.user_id)
    there = Attachment.objects.there().filter(id=attachment_id, chat_id=membership.chat_id, state=Progress.READY)
    attachment = there.filter(said | own).first()
    if attachment is None:
        raise AttachmentNotFound
    return attachment


def _served(attachment: Attachment, variant: str) -> Served:
    """Smaller ones are of images only, and of a moving one the thumbnail alone: else it is the file itself."""
    is_image = attachment.kind == FileKind.IMAGE and not attachment.of_preview  # which is small as it is
    is_made = is_image and (variant == "thumb" or (variant == "large" and not attachment.animated))
    return Served(
        attachment.id,
        variant if is_made else "file",
        attachment.name,
        SMALLER_TYPE if is_made else attachment.content_type,
        is_shown=attachment.kind in (FileKind.IMAGE, FileKind.AUDIO),
    )
