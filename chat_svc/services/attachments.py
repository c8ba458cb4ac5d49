"""Files on their way up: begun, received part by part, looked into when they are whole, dropped.

Without a transaction around: a part is kept first and counted then, so what was counted is there.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from abdre.errors import Unavailable
from chat_svc.errors import (
    AttachmentNotFound,
    BrokenImage,
    FileTooLarge,
    ImageTooLarge,
    InvalidFile,
    KindRefused,
    NoRoom,
    TooManyFiles,
    WrongOffset,
)
from chat_svc.events import AttachmentJson, attachment_json
from chat_svc.files import images, store
from chat_svc.files.kinds import HEAD_BYTES, FileKind, found_in
from chat_svc.models import NAME_LIMIT, UNSENT_LIMIT, VOICE_LIMIT_MS, Attachment, Membership, Progress
from chat_svc.rights import Action, require, require_files
from chat_svc.selectors import membership_or_refusal

SWEEP_BATCH = 100
NO_ROOM_S = 600
COPIED = (
    "name", "size", "kind", "content_type", "width", "height", "animated", "placeholder", "duration_ms",
)  # fmt: skip
# Beside control characters: what turns the direction of writing, by which "gpj.exe" is read as "exe.jpg".
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Upload(AttachmentJson):
    """What it is, is known when it is whole. `chunk_bytes`: the size of every part but the last."""

    state: str
    received: int
    chunk_bytes: int


def upload_json(attachment: Attachment) -> Upload:
    return {
        **attachment_json(attachment),
        "state": attachment.state,
        "received": attachment.received,
        "chunk_bytes": store.PART_BYTES,
    }


def begin_upload(*, chat_id: UUID, user_id: UUID, name: str, size: int, duration_ms: int | None = None) -> Upload:
    """Raises ChatNotFound, ChatOver, FilesRefused, InvalidFile, FileTooLarge, TooManyFiles, NoRoom."""
    if size > settings.ATTACHMENT_LIMIT_BYTES:
        raise FileTooLarge(_("A file has at most %(megabytes)s MB.") % {"megabytes": _megabytes()})
    membership = _writer(chat_id, user_id)
    require_files(chat=membership.chat, membership=membership)
    _check_quota(user_id, size)
    _check_room(size)
    attachment = Attachment.objects.create(
        chat_id=chat_id, uploader_id=user_id, name=_checked_name(name), size=size, duration_ms=_checked(duration_ms)
    )
    return upload_json(attachment)


def _megabytes() -> str:
    return f"{settings.ATTACHMENT_LIMIT_BYTES / 1024**2:g}"


def _writer(chat_id: UUID, user_id: UUID) -> Membership:
    membership = membership_or_refusal(chat_id, user_id)
    membership.chat.refuse_if_over()
    require(Action.WRITE, chat=membership.chat, membership=membership)
    return membership


def _check_quota(user_id: UUID, size: int) -> None:
    """Who begins many at the same moment gets a little more; the limit on deeds keeps that little."""
    count, unsent, today = Attachment.objects.bytes_of(user_id)
    if (
        count >= UNSENT_LIMIT
        or unsent + size > settings.UNSENT_LIMIT_BYTES
        or today + size > settings.UPLOADS_PER_DAY_BYTES
    ):
        raise TooManyFiles


def _check_room(size: int) -> None:
    """Everybody together: quotas are of one person each, and guests are made in no time."""
    if not store.has_room(size):
        raise NoRoom(retry_after_s=NO_ROOM_S)


def _checked_name(name: str) -> str:
    """As typed, but for a path before it and for characters that nobody can see. Raises InvalidFile."""
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(char for char in last if char not in TURNING and unicodedata.category(char) not in ("Cc", "Cs"))
    if not seen.strip(" .") or len(seen) > NAME_LIMIT:
        raise InvalidFile("name", _("A file's name has 1 to 255 characters."))
    return seen


def _checked(duration_ms: int | None) -> int | None:
    if duration_ms is not None and not 1 <= duration_ms <= VOICE_LIMIT_MS:
        raise InvalidFile("duration_ms", _("Up to an hour, in milliseconds."))
    return duration_ms


def upload_of(*, chat_id: UUID, user_id: UUID, attachment_id: UUID) -> Upload:
    """How far it has come. Raises ChatNotFound, AttachmentNotFound."""
    membership_or_refusal(chat_id, user_id)
    return upload_json(_own(chat_id, user_id, attachment_id))


def drop_upload(*, chat_id: UUID, user_id: UUID, attachment_id: UUID) -> None:
    """Only what is in no message; that goes with its message. Raises ChatNotFound, AttachmentNotFound."""
    membership_or_refusal(chat_id, user_id)
    own = Attachment.objects.filter(id=attachment_id, chat_id=chat_id, uploader_id=user_id, message_seq=None)
    if not own.drop():
        raise AttachmentNotFound


def _own(chat_id: UUID, user_id: UUID, attachment_id: UUID) -> Attachment:
    attachment = Attachment.objects.filter(id=attachment_id, chat_id=chat_id, uploader_id=user_id).first()
    if attachment is None:
        raise AttachmentNotFound
    return attachment


def receive_part(
    *, chat_id: UUID, user_id: UUID, attachment_id: UUID, offset: int, data: bytes, length: int | None = None
) -> Upload:
    """The next part, kept when this returns; with the last one the file is looked into, and ready.

    `length`: of the whole file, from who knew only how much it could be at most. Where the end could not be reached,
    an empty part there asks for it again. Raises ChatNotFound, ChatOver, NotAllowed, AttachmentNotFound, WrongOffset,
    InvalidFile, NoRoom, KindRefused, BrokenImage, ImageTooLarge, Unavailable.
    """
    _writer(chat_id, user_id)
    attachment = _own(chat_id, user_id, attachment_id)
    if offset != attachment.received or attachment.state == Progress.READY:
        raise WrongOffset
    if length is not None:
        attachment.size = _checked_length(attachment, length)
    if offset < attachment.size:
        _keep(attachment, data)
    if attachment.received == attachment.size:
        _finish(attachment)
    return upload_json(attachment)


def _checked_length(attachment: Attachment, length: int) -> int:
    if not attachment.received < length <= attachment.size:
        raise InvalidFile("length", _("More than what has come, and no more than was said at the beginning."))
    return length


def _keep(attachment: Attachment, data: bytes) -> None:
    """All parts but the last are of one size, so that their number is bounded and their names are known."""
    if len(data) != min(store.PART_BYTES, attachment.size - attachment.received):
        raise InvalidFile("body", _("A part has exactly chunk_bytes, the last one what is left."))
    _check_room(len(data))
    store.save_part(attachment.id, attachment.received // store.PART_BYTES, data)
    at_offset = Attachment.objects.filter(id=attachment.id, received=attachment.received)
    attachment.received += len(data)
    _changed(attachment, at_offset.exclude(chat=None).update(received=attachment.received, size=attachment.size))


def _changed(attachment: Attachment, rows: int) -> None:
    """Whether the row was still there to be changed; if it was dropped meanwhile, what was just kept goes too."""
    if rows:
        return
    if Attachment.objects.filter(id=attachment.id).exclude(chat=None).exists():
        raise WrongOffset  # the same part came twice at once
    store.erase(attachment.id)
    raise AttachmentNotFound


def _finish(attachment: Attachment) -> None:
    """The file out of its parts; what cannot be sent is dropped."""
    parts = -(-attachment.size // store.PART_BYTES)
    try:
        with TemporaryFile() as whole:
            store.join_parts(attachment.id, parts, whole)
            facts = _looked_into(attachment, whole)
    except FileNotFoundError as problem:  # somebody asked for the same at the same time, and was first
        raise Unavailable(retry_after_s=1) from problem
    except (KindRefused, BrokenImage, ImageTooLarge):
        Attachment.objects.filter(id=attachment.id, message_seq=None).drop()
        raise
    coming = Attachment.objects.filter(id=attachment.id, state=Progress.UPLOADING).exclude(chat=None)
    _changed(attachment, coming.update(state=Progress.READY, received=facts["size"], **facts))
    for name, value in {**facts, "state": Progress.READY, "received": facts["size"]}.items():
        setattr(attachment, name, value)
    store.drop_parts(attachment.id, parts)


class Facts(TypedDict, total=False):
    kind: str
    content_type: str
    size: int
    width: int
    height: int
    animated: bool
    placeholder: str
    duration_ms: None


def _looked_into(attachment: Attachment, whole: IO[bytes]) -> Facts:
    whole.seek(0)
    found = found_in(whole.read(HEAD_BYTES))
    if found.kind not in settings.ATTACHMENT_KINDS:
        raise KindRefused
    whole.seek(0)
    if found.kind == FileKind.IMAGE:
        return {"kind": found.kind, "content_type": found.content_type, **_image(attachment, whole, found.content_type)}
    store.save(attachment.id, "file", whole)
    facts: Facts = {"kind": found.kind, "content_type": found.content_type, "size": attachment.size}
    return facts if found.kind == FileKind.AUDIO else {**facts, "duration_ms": None}


def _image(attachment: Attachment, whole: IO[bytes], content_type: str) -> Facts:
    made = images.remade(whole, content_type)
    for name, data in made.files.items():
        store.save(attachment.id, name, data)
    return {
        "size": len(made.files["file"]),
        "width": made.width,
        "height": made.height,
        "animated": made.animated,
        "placeholder": made.placeholder,
        "duration_ms": None,
    }


def copied(attachments: Sequence[Attachment], *, chat_id: UUID, user_id: UUID) -> list[UUID]:
    """The same files once more, as if the person had sent them up to that chat: whichever goes first, the other stays.

    Raises FileTooLarge, TooManyFiles, NoRoom, AttachmentNotFound.
    """
    size = sum(attachment.size for attachment in attachments)
    if size > settings.ATTACHMENT_LIMIT_BYTES:  # the person waits while they are copied
        raise FileTooLarge(_("Files are forwarded up to %(megabytes)s MB in all.") % {"megabytes": _megabytes()})
    _check_quota(user_id, size)
    _check_room(size)
    copies = [_copy_of(attachment, chat_id, user_id) for attachment in attachments]
    try:
        for attachment, copy in zip(attachments, copies, strict=True):
            store.copy(attachment.id, copy.id)
            coming = Attachment.objects.filter(id=copy.id, state=Progress.UPLOADING).exclude(chat=None)
            _changed(copy, coming.update(state=Progress.READY, received=copy.size))
        _refuse_if_dropped(attachments)
    except (FileNotFoundError, AttachmentNotFound) as problem:
        Attachment.objects.filter(id__in=[copy.id for copy in copies]).drop()
        raise AttachmentNotFound from problem
    return [copy.id for copy in copies]


def _copy_of(attachment: Attachment, chat_id: UUID, user_id: UUID) -> Attachment:
    facts = {name: getattr(attachment, name) for name in COPIED}
    return Attachment.objects.create(chat_id=chat_id, uploader_id=user_id, **facts)


def _refuse_if_dropped(attachments: Sequence[Attachment]) -> None:
    """Rows go before files: while they are there, all of the files were. Raises AttachmentNotFound."""
    ids = [attachment.id for attachment in attachments]
    if Attachment.objects.filter(id__in=ids).exclude(chat=None).count() < len(ids):
        raise AttachmentNotFound


def erase_dropped_files() -> int:
    """The files of what belongs to no chat any more, then its rows; answers how many. Called by the clock.

    The row goes last: where the storage is away, or the process dies, the next sweep does it. In no order, so that one
    whose files cannot be erased is not in the way of the others each time.
    """
    Attachment.objects.forgotten().drop()
    dropped = list(Attachment.objects.dropped().order_by("?").values_list("id", flat=True)[:SWEEP_BATCH])
    for attachment_id in dropped:
        store.erase(attachment_id)
        Attachment.objects.dropped().filter(id=attachment_id).delete()
    return len(dropped)
