"""A backup put back: judged first, then the database, its content compared, the files, and what a release adds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.module_loading import import_string

from abdre.backup import files, postgresql
from abdre.backup.making import database, unknown
from abdre.backup.manifest import BackupProblem, Manifest, check_parts, fingerprint, read_manifest
from abdre.backup.sqlite import check as check_sqlite


@dataclass(frozen=True)
class Wanted:
    """`replace`: what is in the database goes. `ends_sessions`: everybody signs in anew."""

    replace: bool = False
    with_files: bool = True
    ends_sessions: bool = False
    jobs: int = 2


def judged(folder: Path, *, tell: Callable[[str], None]) -> Manifest:
    """Whether the backup can be used here at all. Raises BackupProblem."""
    manifest = read_manifest(folder)
    if manifest.vendor != connection.vendor:
        raise BackupProblem(f"The backup is of {manifest.vendor}, and the database here is {connection.vendor}.")
    # After a rollback the release before runs on the newer schema, and makes backups of it.
    if newer := [name for name in unknown(manifest.migrations) if name not in manifest.ahead]:
        raise BackupProblem(
            f"The backup is of a newer release ({manifest.version}); this one ({settings.VERSION}) does not know "
            f"{', '.join(newer[:3])}{' and others' if newer[3:] else ''}. Restore with that release."
        )
    check_parts(folder, manifest, tell=tell)
    if manifest.vendor == "postgresql":
        postgresql.is_readable(folder)
    else:
        check_sqlite(folder / "abdre.sqlite3")
    return manifest


def restore(folder: Path, wanted: Wanted, *, tell: Callable[[str], None]) -> Iterator[str]:
    """What was done, line by line as it is done. Raises BackupProblem, OSError."""
    manifest = judged(folder, tell=tell)
    yield f"{folder.name}: made {manifest.made_at} by release {manifest.version}, whole"
    if wanted.with_files and manifest.files == "here":
        files.require_places(folder)
    _require_alone()
    _require_room(replace=wanted.replace)
    tell("loading the database")
    yield from _load(folder, manifest, wanted)
    if wanted.with_files:
        yield _load_files(folder, manifest, tell)
    tell("migrating")
    yield from _bring_up_to_date(manifest)
    yield from _begin_anew(manifest, wanted)
    _require_nobody_came()


def _require_alone() -> None:
    if users := database().users():
        raise BackupProblem(f"The database is in use ({users}). Stop every role and the worker, then try again.")


def _require_nobody_came() -> None:
    """Nothing keeps a role out that starts meanwhile. SQLite's file is put in place at once instead."""
    if connection.vendor == "postgresql" and (users := postgresql.users()):
        raise BackupProblem(
            f"Somebody came while the database was put back ({users}), and may have read and written half of it. "
            "Stop every role and the worker, then restore again with --replace."
        )


def _require_room(*, replace: bool) -> None:
    there = database().tables()
    if there and not replace:
        raise BackupProblem(
            f"The database {connection.settings_dict['NAME']} is not empty: {len(there)} tables. Name an empty one in "
            "DATABASE_URL, or say --replace: then everything that is in it goes."
        )


def _load(folder: Path, manifest: Manifest, wanted: Wanted) -> Iterator[str]:
    if manifest.vendor == "postgresql":
        postgresql.clear()
        postgresql.load(folder, jobs=wanted.jobs)
        found = postgresql.contents(tell=lambda _: None)
    else:
        aside = f".before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        database().load(folder, aside=aside)
        found = check_sqlite(Path(str(connection.settings_dict["NAME"])))
    if wrong := sorted(name for name in {*manifest.tables, *found} if manifest.tables.get(name) != found.get(name)):
        raise BackupProblem(f"These tables do not hold what was backed up: {', '.join(wrong)}. Do not start the roles.")
    yield f"{manifest.rows:,} rows in {len(found)} tables, each table as it was backed up"


def _load_files(folder: Path, manifest: Manifest, tell: Callable[[str], None]) -> str:
    if manifest.files == "here":
        return f"{files.unpack(folder, tell=tell):,} files"
    where = "in the bucket" if manifest.files == "bucket" else "not in this backup"
    return f"no files: they are {where}"


def _bring_up_to_date(manifest: Manifest) -> Iterator[str]:
    call_command("migrate", verbosity=0, interactive=False)
    newer = ", and ahead of it, as it was" if manifest.ahead else ""
    yield f"the schema is that of this release, {settings.VERSION}{newer}"
    if connection.vendor == "postgresql":
        said = StringIO()
        call_command("grant_app_role", stdout=said)
        yield said.getvalue().strip()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _begin_anew(manifest: Manifest, wanted: Wanted) -> Iterator[str]:
    import_string(settings.AFTER_RESTORE)()
    yield "every client loads its chats anew"
    if wanted.ends_sessions:
        yield f"{import_string(settings.END_ALL_SESSIONS)():,} sessions ended: everybody signs in anew"
    here = {fingerprint(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}
    if not here.issuperset({manifest.secret_key, *manifest.secret_key_fallbacks}):
        yield (
            "The backup's SECRET_KEY or one of its SECRET_KEY_FALLBACKS is not here: authenticator apps and living "
            "codes do not open until it stands in SECRET_KEY_FALLBACKS"
        )
