"""Where people's files go: can they be written, and is there room?"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from abdre.doctor.findings import Finding

CHECK = "storage"
STORAGES = ("pictures", "attachments")
TRIAL = "doctor"


def look() -> Iterator[Finding]:
    kept: dict[str, Any] = settings.STORAGES
    options = kept["attachments"]["OPTIONS"]
    if "bucket_name" in options:
        yield from _bucket(options["bucket_name"])
        return
    for name in STORAGES:
        yield from _folder(Path(kept[name]["OPTIONS"]["location"]))
    yield from _room(Path(options["location"]))


def _folder(folder: Path) -> Iterator[Finding]:
    """Where it is not there yet, whoever keeps the first file makes it, and it is theirs."""
    try:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"trial")
    except OSError as problem:
        what = f"{folder} cannot be written to: {problem.strerror}"
        yield Finding(CHECK, "wrong", what, "Make it a folder of this account, or set ABDRE_FILES_DIR")


def _room(folder: Path) -> Iterator[Finding]:
    there = next((path for path in (folder, *folder.parents) if path.is_dir()), None)
    free = shutil.disk_usage(there).free if there else 0
    left = settings.FILES_LEAVE_FREE_BYTES
    if free < left:
        what = f"{free:,} bytes are free at {folder}, and uploads leave {left:,} free: none is taken"
        yield Finding(CHECK, "wrong", what, "Make room, or lower ABDRE_FILES_LEAVE_FREE_BYTES")


def _bucket(name: str) -> Iterator[Finding]:
    storage = storages["attachments"]
    try:
        storage.delete(storage.save(TRIAL, ContentFile(b"trial")))
    except (BotoCoreError, ClientError) as problem:
        what = f"The bucket {name} takes no file: {problem}"
        yield Finding(CHECK, "wrong", what, "Put ABDRE_S3_ENDPOINT, ABDRE_S3_REGION and the keys right")
