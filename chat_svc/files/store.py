"""Where the bytes are kept: a folder for each attachment, in which its parts lie while they come, then its file."""

from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

# Fits through the door (`BODY_LIMIT_BYTES`), and is lost and sent again where a connection breaks.
PART_BYTES = 512 * 1024
PART = "part-"


def has_room(size: int) -> bool:
    """Whether so many bytes leave enough of the disk to all else that lives there; a bucket has no end."""
    storage = _storage()
    if not isinstance(storage, FileSystemStorage):
        return True
    place = Path(storage.location)
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    return disk_usage(there).free - size >= settings.FILES_LEAVE_FREE_BYTES


def save_part(attachment_id: UUID, number: int, data: bytes) -> None:
    """Again under the same number: instead of the one before."""
    _save(_part(attachment_id, number), ContentFile(data))


def join_parts(attachment_id: UUID, count: int, into: IO[bytes]) -> None:
    """Raises FileNotFoundError where one is not there any more."""
    for number in range(count):
        with _storage().open(_part(attachment_id, number)) as part:
            for chunk in part.chunks():
                into.write(chunk)


def drop_parts(attachment_id: UUID, count: int) -> None:
    for number in range(count):
        _storage().delete(_part(attachment_id, number))


def save(attachment_id: UUID, name: str, content: IO[bytes] | bytes) -> None:
    file: File[bytes] = ContentFile(content) if isinstance(content, bytes) else File(content)
    _save(f"{_folder(attachment_id)}/{name}", file)


def opened(attachment_id: UUID, name: str) -> File[bytes]:
    """Raises FileNotFoundError."""
    return cast("File[bytes]", _storage().open(f"{_folder(attachment_id)}/{name}"))


def copy(attachment_id: UUID, to: UUID) -> None:
    """Everything of the attachment under another's name. Raises FileNotFoundError where it is gone."""
    for name in [name for name in _names_in(_folder(attachment_id)) if not name.startswith(PART)]:
        with opened(attachment_id, name) as file:
            save(to, name, file)


def erase(attachment_id: UUID) -> None:
    """Everything of the attachment; what is gone already does not matter."""
    folder = _folder(attachment_id)
    for name in _names_in(folder):
        _storage().delete(f"{folder}/{name}")
    _storage().delete(folder)  # a bucket has no folders, and takes it in good part


def _names_in(folder: str) -> Iterator[str]:
    try:
        yield from _storage().listdir(folder)[1]
    except FileNotFoundError:
        return


def _save(name: str, content: Any) -> None:
    saved = _storage().save(name, content)
    assert saved == name  # every storage of ours overwrites: another name would be found by nobody


def _part(attachment_id: UUID, number: int) -> str:
    return f"{_folder(attachment_id)}/{PART}{number:04}"


def _folder(attachment_id: UUID) -> str:
    """In 256 branches, so that no folder holds a million."""
    return f"{attachment_id.hex[:2]}/{attachment_id}"


def _storage() -> Storage:
    return storages["attachments"]
