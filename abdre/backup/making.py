"""One backup: everything of one moment into a folder that appears only when it is whole."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from abdre.backup import files, postgresql, sqlite
from abdre.backup.manifest import MANIFEST, BackupProblem, Manifest, fingerprint, part_of

NAME = "abdre-%Y%m%dT%H%M%SZ"
PATTERN = "abdre-*Z"
UNFINISHED = ".partial"
# No backup takes that long; one that is made every night finds what the night before left.
ABANDONED_AFTER = timedelta(hours=12)


def database() -> ModuleType:
    """The file that knows this kind of database."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def make_backup(to: Path, *, with_files: bool, with_keys: bool, tell: Callable[[str], None]) -> tuple[Path, Manifest]:
    """Raises BackupProblem, OSError."""
    made_at = datetime.now(UTC)
    folder = to / made_at.strftime(NAME)
    draft = folder.with_name(folder.name + UNFINISHED)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.exists():
        raise BackupProblem(f"{folder} is there already, and no backup is ever written over.")
    _forget_abandoned(to, made_at - ABANDONED_AFTER, tell)
    draft.mkdir(mode=0o700)
    try:
        manifest = _fill(draft, made_at, with_files=with_files, with_keys=with_keys, tell=tell)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder, manifest


def _forget_abandoned(to: Path, before: datetime, tell: Callable[[str], None]) -> None:
    """What was killed could not remove its own, and a few of those fill the volume."""
    for path in to.glob(PATTERN + UNFINISHED):
        if path.name < before.strftime(NAME):
            tell(f"removing {path.name}, which was never finished")
            shutil.rmtree(path)


def _fill(
    draft: Path, made_at: datetime, *, with_files: bool, with_keys: bool, tell: Callable[[str], None]
) -> Manifest:
    migrations = applied()
    # The database first: a file without a row is never shown, a row without its file is a picture that does not open.
    content = database().dump(draft, tell=tell)
    kept = _pack_files(draft, tell) if with_files else "left out"
    if with_keys:
        files.pack_keys(draft)
    tell("adding up checksums")
    parts = {str(path.relative_to(draft)): part_of(path) for path in sorted(draft.rglob("*")) if path.is_file()}
    manifest = Manifest(
        made_at=made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        version=settings.VERSION,
        vendor=connection.vendor,
        server=postgresql.server_version() if connection.vendor == "postgresql" else "",
        secret_key=fingerprint(settings.SECRET_KEY),
        secret_key_fallbacks=[fingerprint(key) for key in settings.SECRET_KEY_FALLBACKS],
        files=kept,
        keys=with_keys,
        migrations=migrations,
        ahead=unknown(migrations),
        tables=content,
        parts=parts,
    )
    manifest.write(draft)
    for path in draft.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            _flush(path)
    return manifest


def _pack_files(draft: Path, tell: Callable[[str], None]) -> str:
    if not files.folders():
        return "bucket"
    files.pack(draft, tell=tell)
    return "here"


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def applied() -> dict[str, list[str]]:
    """The migrations that the database has."""
    found: dict[str, list[str]] = {}
    for app, name in MigrationRecorder(connection).applied_migrations():
        found.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(found.items())}


def unknown(migrations: dict[str, list[str]]) -> list[str]:
    """Those that this release does not have."""
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {*disk, *(replaced for migration in disk.values() for replaced in migration.replaces)}
    return [f"{app}.{name}" for app, names in migrations.items() for name in names if (app, name) not in known]


def backups(to: Path) -> list[Path]:
    """The whole ones, oldest first."""
    return sorted(path for path in to.glob(PATTERN) if (path / MANIFEST).is_file())


def forget_old(to: Path, *, keep: int) -> list[Path]:
    """Delete all but the newest whole ones; which went."""
    old = backups(to)[:-keep]
    for path in old:
        shutil.rmtree(path)
    return old
