"""Backup, destroy, restore, on a PostgreSQL of its own: `python -m deploy.ci.restore_drill --messages 1000000`.

Seeds a town, takes a backup, writes on, destroys database and files, restores, and compares everything: each table row
by row, each file byte by byte, who owns what, and that nothing is there that was written after the backup. Prints what
each step took; exit code 1 where anything differs.
"""

import argparse
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Postgres, make_keys
from deploy.ci.stack import plain_environment

FILES = 200
FILE_BYTES = 256 * 1024
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# By other means than the command's own. A restored chat's version is in a new era, on purpose.
CONTENT = """
SELECT count(*), md5(string_agg(hash, '' ORDER BY hash))
FROM (SELECT md5((to_jsonb(one) - {left_out}::text)::text) AS hash FROM {table} AS one) AS hashed
"""
CHATS = "chat_svc_chat"
OWNED_BY = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
LOG = "chat_svc_moderationentry"


@dataclass
class House:
    """`took` is what each step did, in seconds."""

    server: Postgres
    folder: Path
    environment: dict[str, str]
    took: dict[str, float] = field(default_factory=dict)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def manage(self, *arguments: str, **more: str) -> None:
        with self.timed(arguments[0]):
            command = [sys.executable, "manage.py", *arguments]
            subprocess.run(command, cwd=ROOT, env={**self.environment, **more}, check=True)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.took[step] = time.monotonic() - began


def begin(server: Postgres, folder: Path) -> House:
    owner = server.create_database("abdre")
    environment = {
        **plain_environment(),
        **make_keys(folder),
        "DJANGO_SETTINGS_MODULE": "auth_svc.settings",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nothing here asks it
        "ABDRE_ALLOWED_HOSTS": "*",
        "ABDRE_LOG_LEVEL": "ERROR",
        "ABDRE_FILES_DIR": str(folder / "files"),
        "DATABASE_URL": server.url("abdre", role="services"),
        "ABDRE_MIGRATION_DATABASE_URL": owner,
    }
    return House(server, folder, environment)


def settle(house: House, messages: int) -> None:
    house.manage("migrate", "--verbosity", "0")
    house.manage("grant_app_role")
    house.manage("seed_demo", "--messages", str(messages), "--chats", str(min(1000, messages)), "--verbosity", "0")
    for number in range(FILES):
        path = house.files / "attachments" / f"{number:03}" / "original"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(FILE_BYTES))


def contents(house: House) -> dict[str, tuple[int, str]]:
    found = {}
    with psycopg.connect(house.server.url("abdre")) as database:
        for [table] in database.execute(TABLES).fetchall():
            left_out = sql.Literal("version" if table == CHATS else "")
            question = sql.SQL(CONTENT).format(table=sql.Identifier(table), left_out=left_out)
            found[table] = database.execute(question).fetchone()
    return found


def bytes_of(house: House) -> dict[str, str]:
    paths = (path for path in house.files.rglob("*") if path.is_file())
    return {str(path.relative_to(house.files)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def write_on(house: House) -> None:
    """What must not be there after the restore."""
    house.manage("create_admin", "--username", "after_the_backup", ABDRE_ADMIN_PASSWORD=secrets.token_urlsafe(12))
    (house.files / "attachments" / "after_the_backup").write_bytes(b"too late")


def destroy(house: House) -> None:
    with psycopg.connect(house.server.url(), autocommit=True) as database:
        database.execute("DROP DATABASE abdre WITH (FORCE)")
    house.server.create_database("abdre")
    shutil.rmtree(house.files)


def faults(house: House) -> Iterator[str]:
    """What is wrong with the rights after a restore, and whether one can go on from there."""
    with psycopg.connect(house.server.url("abdre"), autocommit=True) as database:
        owners = [owner for [owner] in database.execute(OWNED_BY).fetchall()]
        if owners != ["abdre"]:
            yield f"tables are owned by {owners}"
    with psycopg.connect(house.server.url("abdre", role="services"), autocommit=True) as database:
        try:
            database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(LOG)))
            yield "the services may delete from the moderation log"
        except psycopg.errors.InsufficientPrivilege:
            pass
    house.manage("create_admin", "--username", "after_the_restore", ABDRE_ADMIN_PASSWORD=secrets.token_urlsafe(12))


def differences(before: dict[str, object], after: dict[str, object], what: str) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"{what} {name}: {before.get(name)} before, {after.get(name)} after"


def drill(house: House, messages: int) -> list[str]:
    """What differs after all of it."""
    settle(house, messages)
    tables, files = contents(house), bytes_of(house)
    house.manage("backup", "--to", str(house.backups))
    [backup] = house.backups.iterdir()
    house.took["backup, MiB"] = sum(path.stat().st_size for path in backup.rglob("*") if path.is_file()) / 2**20
    write_on(house)
    destroy(house)
    house.manage("restore", str(backup))
    return [
        *differences({**tables}, {**contents(house)}, "table"),
        *differences({**files}, {**bytes_of(house)}, "file"),
        *faults(house),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="abdre-drill-") as folder, Postgres(durable=True) as server:
        house = begin(server, Path(folder))
        found = drill(house, chosen.messages)
        for step, took in house.took.items():
            print(f"{step:<16}{took:>10.1f}")
    print("\n".join(found) or "everything is back, and nothing else")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
