"""A backup of the running house, put back elsewhere: everything of then, and nothing of later."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from deploy.tests.conftest import House
from deploy.tests.restored import DATABASE, Restored, environment_of, files_of, run

pytestmark = pytest.mark.http

BODIES = "SELECT body FROM chat_svc_message WHERE chat_id = {} AND kind = 'text'"
VERSION = "SELECT version FROM chat_svc_chat WHERE id = {}"
ERA = 2**28


def told(restored: Restored, question: str) -> list[Any]:
    chat = UUID(restored.chat)
    if restored.server is not None:
        with psycopg.connect(restored.server.url(DATABASE)) as database:
            return [row[0] for row in database.execute(question.format("%s"), [chat]).fetchall()]
    file = Path(restored.environment["ABDRE_DATA_DIR"]) / "abdre.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute(question.format("?"), [chat.hex]).fetchall()]


def test_what_was_written_before_the_backup_is_back_and_what_came_after_is_not(restored: Restored) -> None:
    assert told(restored, BODIES) == ["before the backup"]


def test_every_file_is_back_byte_by_byte(restored: Restored, house: House) -> None:
    theirs, ours = files_of(environment_of(house)), files_of(restored.environment)

    assert ours
    assert {name: theirs[name] for name in ours} == ours


def test_clients_of_before_begin_anew(restored: Restored) -> None:
    [version] = told(restored, VERSION)

    assert version > ERA


def test_a_database_with_people_in_it_is_not_overwritten_unasked(restored: Restored) -> None:
    ended = run(restored.owner, "restore", str(restored.backup))

    assert ended.code == 1
    assert "is not empty" in ended.said
    assert told(restored, BODIES) == ["before the backup"]


@pytest.mark.split
def test_afterwards_the_services_own_nothing_and_rewrite_no_log(restored: Restored) -> None:
    assert restored.server is not None
    with psycopg.connect(restored.server.url(DATABASE, role="services"), autocommit=True) as services:
        owned = services.execute("SELECT tablename FROM pg_tables WHERE tableowner = current_user").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            services.execute("DELETE FROM chat_svc_moderationentry")
    with psycopg.connect(restored.server.url(DATABASE), autocommit=True) as owner:
        triggers = owner.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'chat_svc_moderationentry'::regclass AND NOT tgisinternal"
        ).fetchall()

    assert owned == []
    assert triggers
