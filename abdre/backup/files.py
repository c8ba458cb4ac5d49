"""What people sent and the keys, into a backup and back."""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings

from abdre.backup.manifest import BackupProblem
from abdre.settings import env

ARCHIVE = "files.tar"
KEYS = "keys"
STORAGES = ("pictures", "attachments")
# By the variable that holds it, or names its file.
SECRETS = {
    "SECRET_KEY": "secret_key",
    "SECRET_KEY_FALLBACKS": "secret_key_fallbacks",  # what was sealed before the last change is sealed by these
    "ABDRE_SIGNING_KEYS": "signing.pem",
    "ABDRE_PUSH_KEY": "push.pem",
}


def folders() -> dict[str, Path]:
    """Where files lie on a disk, by storage; none for those in a bucket."""
    kept: dict[str, Any] = settings.STORAGES
    options = {name: kept[name]["OPTIONS"] for name in STORAGES}
    return {name: Path(told["location"]) for name, told in options.items() if "bucket_name" not in told}


def pack(folder: Path, *, tell: Callable[[str], None]) -> None:
    """As they are, since pictures and sounds are small already. What somebody deletes meanwhile is left out."""
    with tarfile.open(folder / ARCHIVE, "w") as archive:
        for number, (name, path) in enumerate(_files()):
            if number % 1000 == 0:
                tell(f"{number:,} files")
            try:
                archive.add(path, name, recursive=False)
            except FileNotFoundError:
                continue


def _files() -> Iterator[tuple[str, Path]]:
    for storage, folder in folders().items():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"{storage}/{path.relative_to(folder)}", path


def require_places(folder: Path) -> None:
    """That everything in the archive has one here, to write to. Raises BackupProblem, OSError."""
    with tarfile.open(folder / ARCHIVE) as archive:
        for member in archive:
            _place_of(member.name)
    for place in folders().values():
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        TemporaryFile(dir=place).close()


def unpack(folder: Path, *, tell: Callable[[str], None]) -> int:
    """How many there were. A file of the same name is the same file: names are never used again."""
    count = 0
    with tarfile.open(folder / ARCHIVE) as archive:
        for member in archive:
            if member.isfile() and (content := archive.extractfile(member)) is not None:
                if count % 1000 == 0:
                    tell(f"{count:,} files")
                _put(_place_of(member.name), content.read())
                count += 1
    return count


def _place_of(name: str) -> Path:
    storage, *rest = PurePosixPath(name).parts
    if storage not in folders() or not rest or ".." in rest:
        raise BackupProblem(
            f"{ARCHIVE} holds {name!r}, which belongs nowhere here. Where files are in a bucket now, say --no-files."
        )
    return folders()[storage].joinpath(*rest)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.restored")
    draft.write_bytes(content)
    draft.chmod(0o600)
    draft.rename(path)


def pack_keys(folder: Path) -> list[Path]:
    """Those that this role holds. Who has them and the database can be anybody: they are packed on request only."""
    (folder / KEYS).mkdir(mode=0o700)
    written = []
    for variable, name in SECRETS.items():
        if value := env.text(variable):
            written.append(folder / KEYS / name)
            written[-1].write_text(value + "\n", encoding="utf-8")
    return written
