"""A SQLite database out to one file and back, by SQLite's own copying."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.db import connection

from abdre.backup.manifest import BackupProblem, Content

COPY = "abdre.sqlite3"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"


def path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def dump(folder: Path, *, tell: Callable[[str], None]) -> dict[str, Content]:
    """A copy of one moment while everybody goes on writing. Raises BackupProblem."""
    tell("copying")
    copy = folder / COPY
    try:
        with closing(sqlite3.connect(f"file:{path()}?mode=rw", uri=True)) as source:
            with closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.Error as problem:
        raise BackupProblem(f"{path()} could not be copied: {problem}") from problem
    tell("checking the copy")
    return check(copy)


def check(copy: Path) -> dict[str, Content]:
    """What each table holds. Raises BackupProblem where the file is broken."""
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:
        [said] = database.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise BackupProblem(f"SQLite finds {copy} broken: {said}")
        names = [name for [name] in database.execute(TABLES)]
        return {name: Content(_count(database, name)) for name in names}


def _count(database: sqlite3.Connection, name: str) -> int:
    [count] = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608  # a table's own name
    return int(count)


def tables() -> list[str]:
    if not path().exists():
        return []
    with closing(sqlite3.connect(path())) as database:
        return [name for [name] in database.execute(TABLES)]


def users() -> str:
    """Whether somebody has the file open, in words: only who is alone with it may leave the mode of many readers."""
    if not path().exists():
        return ""
    try:
        with closing(sqlite3.connect(path(), timeout=0.2)) as database:
            database.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        return "a process that has the file open"
    return ""


def load(folder: Path, *, aside: str) -> None:
    """Put the copy in the place of the file, which is kept beside under the ending `aside`. Raises OSError."""
    connection.close()
    draft = path().with_name(f".{path().name}.restored")
    with (folder / COPY).open("rb") as source, draft.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    draft.chmod(0o600)
    if path().exists():
        path().rename(path().with_name(path().name + aside))
    draft.rename(path())
