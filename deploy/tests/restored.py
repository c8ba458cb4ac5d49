"""The house that tests run in, backed up while it runs and put back elsewhere: another server, another folder."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Postgres
from deploy.tests.conftest import House
from deploy.tests.people import PICTURE, Person, Town

DATABASE = "restored"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and both that it wrote."""

    code: int
    said: str


def run(environment: Mapping[str, str], *arguments: str) -> Ended:
    """A management command, which may fail."""
    command = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return Ended(ended.returncode, ended.stdout + ended.stderr)


def environment_of(house: House) -> dict[str, str]:
    """Of the running house, as auth sees it where there is one."""
    running = house.alone or (house.stack and house.stack.all_of("auth")[0])
    assert running
    return {"ABDRE_LOG_LEVEL": "WARNING", **running.environment}


@dataclass(frozen=True)
class Restored:
    """`environment` leads to what was restored, `owner` as who owns its tables. `server` is None with SQLite."""

    chat: str
    backup: Path
    environment: dict[str, str]
    owner: dict[str, str]
    server: Postgres | None
    said: str  # what the restore said


@contextmanager
def backed_up_and_restored(house: House, folder: Path) -> Iterator[Restored]:
    """Ada has written before the backup, with a picture, and after it."""
    with ExitStack() as belongings:
        chat = asyncio.run(_written(house, folder / "backups"))
        [backup] = (folder / "backups").iterdir()
        here = {**environment_of(house), "ABDRE_FILES_DIR": str(folder / "files")}
        server = None
        if house.stack:
            server = belongings.enter_context(Postgres(durable=True))
            here["DATABASE_URL"] = server.url(DATABASE, role="services")
            owner = {**here, "ABDRE_MIGRATION_DATABASE_URL": server.create_database(DATABASE)}
        else:
            here |= {"ABDRE_DATA_DIR": str(folder / "data"), **_secrets_of(house)}
            owner = here
        ended = run(owner, "restore", str(backup))
        assert ended.code == 0, ended.said
        yield Restored(chat, backup, here, owner, server, ended.said)


async def _written(house: House, to: Path) -> str:
    async with Town(house.url) as town:
        ada = await town.member("ada")
        chat = await ada.start_chat("Restored")
        await _show_picture(ada)
        await ada.write(chat, "before the backup")
        ended = run(environment_of(house), "backup", "--to", str(to))
        assert ended.code == 0, ended.said
        await ada.write(chat, "after the backup")
    return chat


async def _show_picture(person: Person) -> None:
    await person.must("PUT", "/api/users/me/picture", PICTURE)


def _secrets_of(house: House) -> dict[str, str]:
    assert house.alone is not None
    return {"SECRET_KEY_FILE": str(Path(house.alone.environment["ABDRE_DATA_DIR"]) / "secret_key")}


def files_of(environment: Mapping[str, str]) -> dict[str, bytes]:
    data = Path(environment.get("ABDRE_DATA_DIR", ".data"))
    folder = Path(environment.get("ABDRE_FILES_DIR", data / "files"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
