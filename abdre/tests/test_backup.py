"""What a backup says of itself is believed only where it is true."""

import json
import os
import signal
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from abdre.backup import files, making, postgresql, sqlite
from abdre.backup.making import forget_old, make_backup
from abdre.backup.manifest import MANIFEST, BackupProblem, Manifest, check_parts, part_of, read_manifest
from abdre.backup.restoring import Wanted, judged, restore

NEVER: Any = lambda _: None  # noqa: E731  # nobody looks at the steps


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A backup with one part."""
    made = tmp_path / "abdre-20261126T030000Z"
    made.mkdir()
    (made / "database.dump").write_bytes(b"rows")
    Manifest(
        made_at="2026-11-26T03:00:00Z",
        version="development",
        vendor="sqlite",
        server="",
        secret_key="",
        files="here",
        keys=False,
        migrations={},
        tables={},
        parts={"database.dump": part_of(made / "database.dump")},
    ).write(made)
    return made


def test_an_untouched_backup_is_whole(folder: Path):
    check_parts(folder, read_manifest(folder), tell=NEVER)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"r0ws"), lambda path: path.unlink()])
def test_a_changed_or_missing_file_is_named(folder: Path, damage: Any):
    damage(folder / "database.dump")

    with pytest.raises(BackupProblem, match=r"database\.dump"):
        check_parts(folder, read_manifest(folder), tell=NEVER)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2}', json.dumps({"format": 1, "tables": {}}), '{"format": 1, "tables": []}']
)
def test_what_is_no_manifest_is_no_backup(folder: Path, text: str):
    (folder / MANIFEST).write_text(text)

    with pytest.raises(BackupProblem):
        read_manifest(folder)


def test_only_the_newest_whole_backups_are_kept(tmp_path: Path):
    for day in range(1, 5):
        (tmp_path / f"abdre-2026110{day}T030000Z").mkdir()
        (tmp_path / f"abdre-2026110{day}T030000Z" / MANIFEST).touch()
    (tmp_path / "abdre-20261105T030000Z").mkdir()  # no manifest: whatever that is, it is not ours to delete
    (tmp_path / "letters").mkdir()

    gone = forget_old(tmp_path, keep=2)

    assert [path.name for path in gone] == ["abdre-20261101T030000Z", "abdre-20261102T030000Z"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "abdre-20261103T030000Z",
        "abdre-20261104T030000Z",
        "abdre-20261105T030000Z",
        "letters",
    }


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SQLite database, which nothing is asked about its migrations."""
    file = tmp_path / "house" / "abdre.sqlite3"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE one (id)")
    monkeypatch.setattr(sqlite, "path", lambda: file)
    monkeypatch.setattr(making, "applied", dict)
    return file


@pytest.mark.sqlite
def test_what_a_killed_backup_left_is_removed_and_what_one_at_work_writes_is_not(house: Path, tmp_path: Path):
    abandoned, at_work = tmp_path / "abdre-20261101T030000Z.partial", tmp_path / "abdre-20991101T030000Z.partial"
    for draft in (abandoned, at_work):
        draft.mkdir()
        (draft / "database.dump").touch()

    make_backup(tmp_path, with_files=False, with_keys=False, tell=NEVER)

    assert not abandoned.exists()
    assert at_work.exists()


@pytest.mark.sqlite
def test_a_release_that_was_gone_back_to_uses_its_backups_of_the_newer_schema(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(making, "applied", lambda: {"chat_svc": ["0001_initial", "9999_planted"]})

    made, _ = make_backup(tmp_path, with_files=False, with_keys=False, tell=NEVER)

    assert judged(made, tell=NEVER).ahead == ["chat_svc.9999_planted"]


@pytest.mark.sqlite
def test_a_backup_by_a_newer_release_is_refused(folder: Path):
    made = replace(read_manifest(folder), migrations={"chat_svc": ["9998_planted", "9999_planted"]})
    replace(made, ahead=["chat_svc.9999_planted"]).write(folder)

    with pytest.raises(BackupProblem, match=r"does not know chat_svc\.9998_planted\. Restore"):
        judged(folder, tell=NEVER)


@pytest.mark.sqlite
def test_a_backup_that_is_told_to_stop_leaves_nothing(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    to = tmp_path / "backups"
    monkeypatch.setattr(files, "pack", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    former = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as a container's first process
    try:
        with pytest.raises(SystemExit):
            call_command("backup", to=to)
    finally:
        signal.signal(signal.SIGTERM, former)

    assert list(to.iterdir()) == []


def test_keys_are_packed_with_those_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "former,the one before")

    files.pack_keys(tmp_path)

    assert (tmp_path / "keys" / "secret_key_fallbacks").read_text() == "former,the one before\n"


@pytest.fixture
def with_picture(folder: Path) -> Path:
    """The backup, with a file that somebody sent."""
    sqlite3.connect(folder / "abdre.sqlite3").close()
    (folder / "picture").write_bytes(b"dots")
    with tarfile.open(folder / "files.tar", "w") as archive:
        archive.add(folder / "picture", "pictures/ada")
    return folder


@pytest.mark.parametrize("is_moved", [True, False], ids=["files are in a bucket now", "the folder is none"])
def test_files_that_find_no_place_are_refused_before_anything_is_touched(
    house: Path, with_picture: Path, monkeypatch: pytest.MonkeyPatch, is_moved: bool
):
    (house.parent / "files").touch()
    monkeypatch.setattr(files, "folders", lambda: {} if is_moved else {"pictures": house.parent / "files"})
    before = house.read_bytes()

    with pytest.raises((BackupProblem, OSError)):
        list(restore(with_picture, Wanted(replace=True), tell=NEVER))

    assert house.read_bytes() == before
    assert {path.name for path in house.parent.iterdir()} == {"abdre.sqlite3", "files"}


def test_no_table_at_once_is_refused_at_once(folder: Path):
    with pytest.raises(CommandError, match="--jobs") as refused:
        call_command("restore", folder, jobs=0)

    assert refused.value.returncode == 2


def test_a_sqlite_file_that_a_process_has_open_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "abdre.sqlite3"
    monkeypatch.setattr(sqlite, "path", lambda: file)
    with closing(sqlite3.connect(file)) as house:
        house.execute("PRAGMA journal_mode = WAL")
        house.execute("CREATE TABLE one (id)")
        house.commit()

        assert sqlite.users()

    assert not sqlite.users()


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_restore_in_which_a_role_came_up_has_not_succeeded(folder: Path, monkeypatch: pytest.MonkeyPatch):
    told = json.loads((folder / MANIFEST).read_text()) | {"vendor": "postgresql"}
    (folder / MANIFEST).write_text(json.dumps(told))
    answers = iter(["", "1 connections by services"])
    monkeypatch.setattr(postgresql, "users", lambda: next(answers))
    monkeypatch.setattr(postgresql, "contents", lambda *, tell: {})
    for changes in ("is_readable", "clear", "load"):
        monkeypatch.setattr(postgresql, changes, lambda *_, **__: None)

    with pytest.raises(BackupProblem, match="by services"):
        list(restore(folder, Wanted(replace=True, with_files=False), tell=NEVER))


@pytest.mark.postgres
@pytest.mark.parametrize("command", [("backup", "--to", "{}"), ("restore", "{}")])
def test_through_pgbouncer_nothing_is_dumped_and_nothing_put_back(
    command: tuple[str, ...], folder: Path, settings: Settings
):
    settings.DATABASE_PGBOUNCER = True

    with pytest.raises(CommandError, match="ABDRE_MIGRATION_DATABASE_URL"):
        call_command(*[word.format(folder) for word in command])
